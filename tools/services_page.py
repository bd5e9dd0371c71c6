"""docs/services.md: every field of an entry in services.py, from config/catalogue.py and config/entry_fields.py."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields

from config.catalogue import Entry
from config.entry_fields import FIELDS, shown
from tools import docstrings

INTRODUCTION = """\
# Reference of services.py

<!-- make generate writes this page from config/catalogue.py and config/entry_fields.py -->

`services.py` has a tuple of entries, one for each service. An entry is all that a service needs: its repository, image,
roles, security group rules, environment and secrets follow. Its size and the ARNs of its secrets are in the
[stack files](stack-file.md). An invalid field is refused before anything changes.

    Entry(name="mailsvc", port=9005, database=True, secrets=("SMTP_PASSWORD",)),

| field | must be | default | meaning |
|---|---|---|---|
"""


def page() -> str:
    return INTRODUCTION + "\n".join(_rows()) + "\n"


def _rows() -> Iterator[str]:
    meanings = docstrings.of_fields(Entry)
    for field in fields(Entry):
        factory = field.default_factory
        default = field.default if factory is MISSING else factory()
        text = "required" if default is MISSING else "`{}`" if default == {} else f"`{shown(default)}`"
        yield f"| `{field.name}` | {FIELDS[field.name].valid} | {text} | {meanings[field.name]} |"
