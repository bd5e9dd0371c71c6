"""The table of the images before and after a change of a stack file."""

from __future__ import annotations

from collections.abc import Mapping

from rich.table import Table

SHORT = 7
"""The digits of a digest and of a commit in a table that fits into 80 columns with usual names."""


def images_table(title: str, images: Mapping[str, tuple[str, str]], commits: Mapping[str, str] | None = None) -> Table:
    """A row for each service, with the commits of the new images if they are given."""
    table = Table(title=title, title_justify="left")
    for column in ("service", "before", "after", *(["commit"] if commits is not None else [])):
        table.add_column(column)
    for name, (before, after) in images.items():
        table.add_row(name, before, after, *([commits.get(name, "")] if commits is not None else []))
    return table


def short(reference: str) -> str:
    """The first digits of an image's digest; `none` without an image."""
    return reference.rpartition("@")[2][:19] or "none"
