"""House rules that are removed or changed between two checkouts."""

from __future__ import annotations

import pytest

from review.changes.concerns.house_rules import rules
from tests.declared import ROOT

FILES = {file.name: file.read_text() for file in (ROOT / "policy").glob("*") if file.suffix in (".py", ".yaml")}


def edited(name: str, before: str, after: str) -> list[tuple[str, str]]:
    assert before in FILES[name]
    return [(each.severity, each.text) for each in rules(FILES, {**FILES, name: FILES[name].replace(before, after)})]


@pytest.mark.parametrize(
    ("file", "before", "after", "found"),
    [
        (
            "rules.py",
            "    data.logs_expire,\n",
            "",
            ("caution", "rule logs-expire is switched off: rules.py no longer lists it"),
        ),
        (
            "data.py",
            '@resource_rule(\n    id="logs-expire"',
            '@other(\n    ID="x"',
            ("caution", "rule logs-expire is removed"),
        ),
        ("data.py", "STORES = (types.BUCKET, ", "STORES = (", ("warning", "rule protected-data-is-kept changes")),
        (
            "network.py",
            '"10.0.0.0/8"',
            '"0.0.0.0/0"',
            ("warning", "rule the-internet-reaches-only-the-load-balancer changes"),
        ),
        (
            "permissions.py",
            '"ecr:Get',
            '"s3:Get',
            ("warning", "rule permissions-name-what-they-allow changes"),
        ),
        (
            "__main__.py",
            "EnforcementLevel.MANDATORY",
            "EnforcementLevel.ADVISORY",
            ("caution", "policy/__main__.py, on which every rule depends, changes"),
        ),
    ],
)
def test_a_weaker_rule_is_a_concern_also_by_way_of_what_it_uses(
    file: str, before: str, after: str, found: tuple[str, str]
) -> None:
    assert found in edited(file, before, after)


@pytest.mark.parametrize(
    ("file", "before", "after"),
    [
        ("data.py", "A database is encrypted at rest.", "Other words."),
        ("data.py", 'id="logs-expire"', 'id="logs-end"'),
        ("tasks.py", "from __future__", "# a comment\nfrom __future__"),
    ],
)
def test_words_names_and_comments_are_no_change_of_a_rule(file: str, before: str, after: str) -> None:
    assert edited(file, before, after) == []


def test_new_rules_are_no_concern_and_a_removed_pack_is_one() -> None:
    assert rules({**FILES, "network.py": ""}, FILES) == ()
    assert rules({}, FILES) == ()
    assert [each.text for each in rules(FILES, {})] == ["the house rules are removed"]
