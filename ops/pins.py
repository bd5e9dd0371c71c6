"""What a stack file, and its earlier commits, say of the images that it pins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from config import git, image_pins, stackfile
from config.image_pins import StackFile
from config.problems import UserError
from config.stackfile import KEY
from image import source_commits

COMMITS = 200
"""How many commits of the file to read at most, newest first."""


@dataclass(frozen=True, kw_only=True)
class FormerPin:
    image: str
    """The image reference by digest."""
    commit: str
    """The commit of the image's source; empty if the file did not name it."""


def former_pins(file: Path, service: str) -> Iterator[FormerPin]:
    """The service's images in the commits of the file, newest first. Raises UserError if git fails."""
    listed = git.run(file.parent, "log", f"--max-count={COMMITS}", "--format=%H", "--", file.name).output
    for commit in listed.split():
        shown = git.run(file.parent, "show", f"{commit}:./{file.name}", check=False)
        image = _image(file, shown.output, service) if shown.code == 0 else None
        if image:
            yield FormerPin(image=image, commit=source_commits.pinned(shown.output).get(service, ""))


def file(root: Path, stack: str) -> StackFile | None:
    """The stack's file; None if there is none."""
    path = root / stackfile.name(stack)
    return image_pins.read(path) if path.is_file() else None


def commits(file: StackFile | None, images: Mapping[str, str]) -> dict[str, str]:
    """The commits that the stack's file names for these images, by service: the file may be ahead of the stack."""
    if file is None:
        return {}
    pinned = source_commits.pinned(file.text)
    return {name: each for name, each in pinned.items() if file.images.get(name) == images.get(name)}


def _image(file: Path, text: str, service: str) -> str | None:
    """The pinned image; None if there is none, or if this version of the file is invalid."""
    try:
        section: Any = stackfile.parse(file, text).config.get(KEY)
        image = cast(dict[str, Any], section)["images"][service]
    except (UserError, KeyError, TypeError):
        return None
    return image if isinstance(image, str) else None
