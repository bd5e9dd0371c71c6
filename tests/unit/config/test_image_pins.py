"""Editing image pins changes the `images` mapping of a stack file and no other byte."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from config import image_pins
from config.image_pins import StackFile
from config.problems import UserError
from tests.declared import CATALOGUE, STACKS
from tests.images import image, images

NOTE = "promoted from dev, 2026-01-31"


A1, A2, B1, B2 = (image(name, digit) for name in ("authsvc", "chatsvc") for digit in "12")
BOTH = {"authsvc": A1, "chatsvc": B1}


def stack_file(folder: Path, text: str) -> StackFile:
    path = folder / "Pulumi.prod.yaml"
    path.write_bytes(text.encode())
    return image_pins.read(path)


def edited(folder: Path, text: str, pins: dict[str, str]) -> str:
    return image_pins.edited(stack_file(folder, text), pins, dict.fromkeys(pins, NOTE))


HEAD = """\
# first
config:
  aws:region:   us-east-1 # odd spaces
  'marginalia:stack':
    account: "000000000001"
"""
TAIL = """\

    # of the network
    network: {cidr: 10.30.0.0/16,   zones: [a, b]}
# last
"""
EDITS = {
    "an empty mapping in braces": (
        "    images: {}\n",
        BOTH,
        f"    images:\n      authsvc: {A1} # {NOTE}\n      chatsvc: {B1} # {NOTE}\n",
    ),
    "a comment after the braces": (
        "    images:   {} # none yet\n",
        {"authsvc": A1},
        f"    images: # none yet\n      authsvc: {A1} # {NOTE}\n",
    ),
    "no value": ("    images:\n", {"authsvc": A1}, f"    images:\n      authsvc: {A1} # {NOTE}\n"),
    "images in braces, on two lines": (
        f"    images: {{authsvc: {A1},\n      chatsvc: {B1}}} # two\n",
        {"authsvc": A2, "chatsvc": B1},
        f"    images: # two\n      authsvc: {A2} # {NOTE}\n      chatsvc: {B1} # {NOTE}\n",
    ),
    "one of two images": (
        f"    images: # ours\n      # why\n      authsvc: {A1} # promoted from dev, 2025-01-01\n      chatsvc: {B1}\n",
        {"authsvc": A1, "chatsvc": B2},
        f"    images: # ours\n      # why\n      authsvc: {A1} # promoted from dev, 2025-01-01\n"
        f"      chatsvc: {B2} # {NOTE}\n",
    ),
    "an image before another": (
        f"    images:\n          # of chat\n          'chatsvc':   {B1}  # kept\n",
        BOTH,
        f"    images:\n          authsvc: {A1} # {NOTE}\n          # of chat\n          'chatsvc':   {B1}  # kept\n",
    ),
    "unsorted images": (
        f"    images:\n      chatsvc: {B1}\n      authsvc: {A1}\n",
        {"authsvc": A2, "chatsvc": B1},
        f"    images:\n      authsvc: {A2} # {NOTE}\n      chatsvc: {B1}\n",
    ),
    "a value on a line of its own": (
        f"    images:\n      authsvc:\n        {A1}\n      chatsvc: >-\n        {B1}\n\n",
        {"authsvc": A2, "chatsvc": B1},
        f"    images:\n      authsvc: {A2} # {NOTE}\n      chatsvc: >-\n        {B1}\n\n",
    ),
    "a value of several lines before another": (
        f"    images:\n      authsvc: >-\n        {A1}\n      chatsvc: {B1}\n",
        {"authsvc": A1, "chatsvc": B2},
        f"    images:\n      authsvc: >-\n        {A1}\n      chatsvc: {B2} # {NOTE}\n",
    ),
    "images in another order than that of their names": (
        "    images: {}\n",
        {"chatsvc": B1, "authsvc": A1},
        f"    images:\n      authsvc: {A1} # {NOTE}\n      chatsvc: {B1} # {NOTE}\n",
    ),
    "a name that YAML parses as a boolean": (
        "    images: {}\n",
        {"no": A1},
        f'    images:\n      "no": {A1} # {NOTE}\n',
    ),
}


@pytest.mark.parametrize(("before", "pins", "after"), EDITS.values(), ids=EDITS)
def test_the_edit_replaces(tmp_path: Path, before: str, pins: dict[str, str], after: str) -> None:
    assert edited(tmp_path, HEAD + before + TAIL, pins) == HEAD + after + TAIL


@pytest.mark.parametrize("before", [before for before, _, _ in EDITS.values()], ids=EDITS)
def test_windows_line_endings_are_preserved(tmp_path: Path, before: str) -> None:
    unix = HEAD + before + TAIL
    windows = unix.replace("\n", "\r\n")
    assert edited(tmp_path, windows, BOTH) == edited(tmp_path, unix, BOTH).replace("\n", "\r\n")


@pytest.mark.parametrize("before", ["    images: {}", "    images:", f"    images:\n      authsvc: {A2}"])
def test_a_last_line_without_line_ending_stays_without_one(tmp_path: Path, before: str) -> None:
    after = f"    images:\n      authsvc: {A1} # {NOTE}"
    assert edited(tmp_path, HEAD + before, {"authsvc": A1}) == HEAD + after


def test_unchanged_images_leave_the_text_unchanged_including_order_and_comments(tmp_path: Path) -> None:
    text = f"{HEAD}    images: {{chatsvc: {B1}, authsvc: {A1}}}\n{TAIL}"
    assert edited(tmp_path, text, BOTH) == text


def test_a_file_with_comments_and_flow_mappings_changes_only_in_its_images(tmp_path: Path) -> None:
    before = (STACKS / "Pulumi.prod.yaml").read_text()
    pinned = images(CATALOGUE.names)
    after = edited(tmp_path, before, pinned)
    lines = "".join(f"      {name}: {pinned[name]} # {NOTE}\n" for name in sorted(pinned))
    assert after == before.replace("    images: {}\n", f"    images:\n{lines}")


def test_new_lines_have_the_indentation_of_the_file(tmp_path: Path) -> None:
    before = "config:\n    marginalia:stack:\n        images: {}\n"
    after = f"config:\n    marginalia:stack:\n        images:\n            authsvc: {A1} # {NOTE}\n"
    assert edited(tmp_path, before, {"authsvc": A1}) == after


BLOCK = (
    "Pulumi.prod.yaml: marginalia:stack.images: cannot be edited in place. Write it as a block, one service per line."
)


@pytest.mark.parametrize(
    "text",
    [
        "config: {marginalia:stack: {images: {}}}",
        "config:\n  marginalia:stack: {images: {}}",
        "config:\n  marginalia:stack: {\n    images: {},\n    a: 1\n  }\n",
        "config:\n  marginalia:stack:\n    a: 1\n",
        "x-none: &none {}\nconfig:\n  marginalia:stack:\n    images: *none\n",
        "config:\n  marginalia:stack:\n    images: &none {}\n    other: *none\n",
        f"x-image: &image {A1}\nconfig:\n  marginalia:stack:\n    images:\n      chatsvc: *image\n",
    ],
)
def test_a_mapping_that_cannot_be_edited_in_place_is_rejected(tmp_path: Path, text: str) -> None:
    with pytest.raises(UserError) as rejected:
        edited(tmp_path, text, BOTH)
    assert str(rejected.value) == BLOCK


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "config: [",
            "Pulumi.prod.yaml:1: is not YAML: expected the node content, but found '<stream end>' (column 10).",
        ),
        ("- a", "Pulumi.prod.yaml: config: missing. Its keys are aws:region and marginalia:stack."),
        (
            "config:\n  marginalia:stack:\n    images: {}\n    images: {}\n",
            "Pulumi.prod.yaml:4: marginalia:stack.images: given twice, first in line 3. Remove one of the two.",
        ),
        ("config: {}", "Pulumi.prod.yaml: marginalia:stack: must be a mapping. docs/stack-file.md lists its keys."),
        (
            "config: {marginalia:stack: {images: [a]}}",
            "Pulumi.prod.yaml: marginalia:stack.images: must be a mapping of service names to images by digest.",
        ),
        (
            "config: {marginalia:stack: {images: {a: 1}}}",
            "Pulumi.prod.yaml: marginalia:stack.images: must be a mapping of service names to images by digest.",
        ),
    ],
)
def test_a_file_without_stack_settings_is_rejected(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(UserError) as rejected:
        stack_file(tmp_path, text)
    assert str(rejected.value) == message


def test_a_file_that_is_not_utf_8_is_rejected(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.prod.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(UserError, match=r"^Pulumi\.prod\.yaml: cannot be read as UTF-8 text\. Save it as UTF-8\.$"):
        image_pins.read(tmp_path / "Pulumi.prod.yaml")


def test_a_missing_file_is_rejected_with_the_existing_stacks(tmp_path: Path) -> None:
    stack_file(tmp_path, HEAD)
    with pytest.raises(
        UserError, match=r"^Pulumi\.prd\.yaml: does not exist\. Did you mean prod\? There are stack files for prod\.$"
    ):
        image_pins.read(tmp_path / "Pulumi.prd.yaml")


def test_a_saved_file_keeps_its_mode_and_leaves_no_temporary_file(tmp_path: Path) -> None:
    file = stack_file(tmp_path, HEAD + "    images: {}\n")
    file.path.chmod(0o640)
    image_pins.save(file, "edited\r\n")
    assert file.path.read_bytes() == b"edited\r\n"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [file.path]


def test_a_file_that_cannot_be_written_is_unchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = stack_file(tmp_path, HEAD + "    images: {}\n")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(UserError) as rejected:
        image_pins.save(file, "edited")
    assert str(rejected.value) == (
        "Pulumi.prod.yaml: cannot be written (No space left on device). Run the command again."
    )
    assert file.path.read_text() == file.text
    assert list(tmp_path.iterdir()) == [file.path]


def test_a_file_that_changed_since_it_was_read_is_not_overwritten(tmp_path: Path) -> None:
    file = stack_file(tmp_path, HEAD + "    images: {}\n")
    file.path.write_text("theirs")
    with pytest.raises(UserError, match=r"^Pulumi\.prod\.yaml: changed since it was read\. Run the command again\.$"):
        image_pins.save(file, "ours")
    assert file.path.read_text() == "theirs"


def test_the_target_of_a_symbolic_link_is_written(tmp_path: Path) -> None:
    real = stack_file(tmp_path, HEAD + "    images: {}\n").path
    link = tmp_path / "Pulumi.staging.yaml"
    link.symlink_to(real)
    image_pins.save(image_pins.read(link), "edited")
    assert link.is_symlink()
    assert real.read_text() == "edited"
