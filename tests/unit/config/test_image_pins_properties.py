"""Property: for any stack file, editing image pins changes no byte outside the `images` mapping."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from config import image_pins
from tests.declared import CATALOGUE
from tests.images import image
from tests.unit.config.test_image_pins import NOTE, stack_file

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufeff\u2028\u2029"), max_size=12)
spaces = st.sampled_from(["", "\n", "\n\n", "    # between\n", "# at the margin\n", "      # deeper\n"])
names = st.sampled_from(CATALOGUE.names)
some_images = st.dictionaries(names, st.sampled_from("12"), max_size=5).map(
    lambda digits: {name: image(name, digit) for name, digit in digits.items()}
)
some_values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def dumped(key: str, value: Any, indentation: int, *, flow: bool) -> str:
    """A key and its value as YAML, in block or flow style."""
    text: str = yaml.safe_dump({key: value}, default_flow_style=flow, allow_unicode=True, sort_keys=False)
    text = text[1:-2] + "\n" if flow else text
    return "".join(f"{' ' * indentation}{line}" if line.strip() else line for line in text.splitlines(keepends=True))


@st.composite
def files(draw: st.DrawFn) -> tuple[str, str, str]:
    """A stack file in three parts: before, with and after the images."""
    step = draw(st.integers(1, 4))
    flow = draw(st.booleans())
    head = f"config:\n{' ' * step}marginalia:stack:\n{draw(spaces)}"
    if draw(st.booleans()):
        head += dumped("before", draw(some_values), 2 * step, flow=draw(st.booleans())) + draw(spaces)
    images = dumped("images", draw(some_images), 2 * step, flow=flow)
    tail = draw(spaces)
    if draw(st.booleans()):
        tail += dumped("after", draw(some_values), 2 * step, flow=draw(st.booleans())) + draw(spaces)
    if draw(st.booleans()):
        tail += dumped("x-other", draw(some_values), 0, flow=False)
    return head, images, tail


@given(file=files(), images=some_images.filter(bool), windows=st.booleans(), stripped=st.booleans())
@settings(deadline=None, max_examples=150)
def test_no_byte_outside_the_images_changes(
    tmp_path_factory: pytest.TempPathFactory,
    file: tuple[str, str, str],
    images: dict[str, str],
    windows: bool,
    stripped: bool,
) -> None:
    head, own, tail = (part.replace("\n", "\r\n") if windows else part for part in file)
    text = head + own + tail
    text = text.rstrip() if stripped else text
    before = yaml.safe_load(text)
    assume(before["config"]["marginalia:stack"].get("images") is not None)
    folder = tmp_path_factory.getbasetemp()
    read = stack_file(folder, text)
    after = image_pins.edited(read, images, dict.fromkeys(images, NOTE))
    assert after.startswith(head)
    assert after.endswith(text[len(head) + len(own.rstrip()) :])
    before["config"]["marginalia:stack"]["images"] = images
    assert yaml.safe_load(after) == before
    assert image_pins.edited(stack_file(folder, after), images, dict.fromkeys(images, "another note")) == after
