"""The section `debug` of a stack file."""

from __future__ import annotations

import pytest

from tests.images import image
from tests.unit.config.stack_settings import problems, read

TOOLBOX = image("toolbox")


def test_a_toolbox_is_named_by_digest_and_its_tasks_end_after_an_hour() -> None:
    found = read(f"debug: {{image: '{TOOLBOX}'}}").debug
    assert found
    assert (found.image, found.minutes) == (TOOLBOX, 60)


@pytest.mark.parametrize(
    ("debug", "path"),
    [
        ("{}", "marginalia:stack.debug.image: "),
        ("{image: 'postgres:16'}", 'marginalia:stack.debug.image is "postgres:16": '),
        (f"{{image: '{TOOLBOX}', minutes: 4}}", "marginalia:stack.debug.minutes is 4: "),
        (f"{{image: '{TOOLBOX}', minutes: 721}}", "marginalia:stack.debug.minutes is 721: "),
        (f"{{image: '{TOOLBOX}', hours: 1}}", "marginalia:stack.debug.hours: no such key."),
    ],
)
def test_what_is_no_toolbox_is_one_line(debug: str, path: str) -> None:
    [line] = problems(f"debug: {debug}")
    assert line.startswith(path)
