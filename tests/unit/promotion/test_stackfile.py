"""Of a stack file only the images change, byte for byte."""

from __future__ import annotations

import stat
import subprocess
from pathlib import Path

import pytest

from promotion import stackfile
from promotion.errors import PromotionError
from promotion.stackfile import StackFile
from services import CATALOGUE
from tests.declared import STACKS

NOTE = "promoted from dev, 2026-01-31"


def reference(name: str, digit: str) -> str:
    return f"000000000000.dkr.ecr.us-east-1.amazonaws.com/mrgnl-{name}@sha256:{digit * 64}"


A1, A2, B1, B2 = (reference(name, digit) for name in ("authsvc", "chatsvc") for digit in "12")
BOTH = {"authsvc": A1, "chatsvc": B1}


def stack_file(folder: Path, text: str) -> StackFile:
    path = folder / "Pulumi.prod.yaml"
    path.write_bytes(text.encode())
    return stackfile.read(path)


def edited(folder: Path, text: str, images: dict[str, str]) -> str:
    return stackfile.edited(stack_file(folder, text), images, NOTE)


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
    "a comment behind the braces": (
        "    images:   {} # none yet\n",
        {"authsvc": A1},
        f"    images: # none yet\n      authsvc: {A1} # {NOTE}\n",
    ),
    "nothing at all": ("    images:\n", {"authsvc": A1}, f"    images:\n      authsvc: {A1} # {NOTE}\n"),
    "images in braces, on two lines": (
        f"    images: {{authsvc: {A1},\n      chatsvc: {B1}}} # two\n",
        {"authsvc": A2, "chatsvc": B1},
        f"    images: # two\n      authsvc: {A2} # {NOTE}\n      chatsvc: {B1} # {NOTE}\n",
    ),
    "one of two changes": (
        f"    images: # ours\n      # why\n      authsvc: {A1} # promoted from dev, 2025-01-01\n      chatsvc: {B1}\n",
        {"authsvc": A1, "chatsvc": B2},
        f"    images: # ours\n      # why\n      authsvc: {A1} # promoted from dev, 2025-01-01\n"
        f"      chatsvc: {B2} # {NOTE}\n",
    ),
    "one is added before another": (
        f"    images:\n          # of chat\n          'chatsvc':   {B1}  # kept\n",
        BOTH,
        f"    images:\n          authsvc: {A1} # {NOTE}\n          # of chat\n          'chatsvc':   {B1}  # kept\n",
    ),
    "they were not sorted": (
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
    "an order that is not the alphabet's": (
        "    images: {}\n",
        {"chatsvc": B1, "authsvc": A1},
        f"    images:\n      authsvc: {A1} # {NOTE}\n      chatsvc: {B1} # {NOTE}\n",
    ),
    "a name that YAML takes for something else": (
        "    images: {}\n",
        {"no": A1},
        f'    images:\n      "no": {A1} # {NOTE}\n',
    ),
}


@pytest.mark.parametrize(("before", "images", "after"), EDITS.values(), ids=EDITS)
def test_images_are_written_into(tmp_path: Path, before: str, images: dict[str, str], after: str) -> None:
    assert edited(tmp_path, HEAD + before + TAIL, images) == HEAD + after + TAIL


@pytest.mark.parametrize("before", [before for before, _, _ in EDITS.values()], ids=EDITS)
def test_windows_line_ends_stay(tmp_path: Path, before: str) -> None:
    unix = HEAD + before + TAIL
    windows = unix.replace("\n", "\r\n")
    assert edited(tmp_path, windows, BOTH) == edited(tmp_path, unix, BOTH).replace("\n", "\r\n")


@pytest.mark.parametrize("before", ["    images: {}", "    images:", f"    images:\n      authsvc: {A2}"])
def test_a_last_line_without_an_end_stays_without(tmp_path: Path, before: str) -> None:
    after = f"    images:\n      authsvc: {A1} # {NOTE}"
    assert edited(tmp_path, HEAD + before, {"authsvc": A1}) == HEAD + after


def test_the_same_images_change_nothing_not_even_their_order_or_date(tmp_path: Path) -> None:
    text = f"{HEAD}    images: {{chatsvc: {B1}, authsvc: {A1}}}\n{TAIL}"
    assert edited(tmp_path, text, BOTH) == text


def test_a_file_with_comments_and_flow_mappings_changes_in_its_images_alone(tmp_path: Path) -> None:
    before = (STACKS / "Pulumi.prod.yaml").read_text()
    images = {name: reference(name, "1") for name in CATALOGUE.names}
    after = edited(tmp_path, before, images)
    lines = "".join(f"      {name}: {images[name]} # {NOTE}\n" for name in sorted(images))
    assert after == before.replace("    images: {}\n", f"    images:\n{lines}")


def test_a_file_that_is_indented_by_four_gets_lines_that_are(tmp_path: Path) -> None:
    before = "config:\n    marginalia:stack:\n        images: {}\n"
    after = f"config:\n    marginalia:stack:\n        images:\n            authsvc: {A1} # {NOTE}\n"
    assert edited(tmp_path, before, {"authsvc": A1}) == after


BLOCK = "Pulumi.prod.yaml: marginalia:stack.images: write it as a block, one service a line"


@pytest.mark.parametrize(
    "text",
    [
        "config: {marginalia:stack: {images: {}}}",
        "config:\n  marginalia:stack: {images: {}}",
        "config:\n  marginalia:stack: {\n    images: {},\n    a: 1\n  }\n",
        "config:\n  marginalia:stack:\n    a: 1\n",
        "x: &none {}\nconfig:\n  marginalia:stack:\n    images: *none\n",
        "config:\n  marginalia:stack:\n    images: &none {}\n    other: *none\n",
        f"x: &image {A1}\nconfig:\n  marginalia:stack:\n    images:\n      chatsvc: *image\n",
        "config:\n  marginalia:stack:\n    images: {}\n    images: {}\n",
    ],
)
def test_what_cannot_be_edited_in_place_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(PromotionError) as refused:
        edited(tmp_path, text, BOTH)
    assert str(refused.value) == BLOCK


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "config: [",
            "Pulumi.prod.yaml is not YAML: expected the node content, but found '<stream end>' in line 1, column 10",
        ),
        ("- a", "Pulumi.prod.yaml: config: a mapping of configuration keys"),
        ("config: {}", "Pulumi.prod.yaml: marginalia:stack: a mapping; settings.py has the keys"),
        (
            "config: {marginalia:stack: {images: [a]}}",
            "Pulumi.prod.yaml: marginalia:stack.images: a mapping of each service to its image by digest",
        ),
        (
            "config: {marginalia:stack: {images: {a: 1}}}",
            "Pulumi.prod.yaml: marginalia:stack.images: a mapping of each service to its image by digest",
        ),
    ],
)
def test_a_file_that_is_no_stack_file_is_refused(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(PromotionError) as refused:
        stack_file(tmp_path, text)
    assert str(refused.value) == message


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.prod.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(PromotionError, match=r"^Pulumi\.prod\.yaml cannot be read as text$"):
        stackfile.read(tmp_path / "Pulumi.prod.yaml")


def test_a_file_that_does_not_exist_is_refused_with_those_that_do(tmp_path: Path) -> None:
    stack_file(tmp_path, HEAD)
    with pytest.raises(PromotionError, match=r"^Pulumi\.prd\.yaml does not exist; there are stack files for prod$"):
        stackfile.read(tmp_path / "Pulumi.prd.yaml")


def git(folder: Path, *arguments: str) -> None:
    identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"]
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)  # noqa: S607


def test_a_file_has_changes_until_they_are_committed(tmp_path: Path) -> None:
    git(tmp_path, "init")
    path = stack_file(tmp_path, HEAD + "    images: {}\n").path
    assert stackfile.has_changes(path)
    git(tmp_path, "add", ".")
    assert stackfile.has_changes(path)
    git(tmp_path, "commit", "-m", "first")
    (tmp_path / "Pulumi.dev.yaml").write_text("another one's changes do not count")
    assert not stackfile.has_changes(path)
    path.write_text("changed")
    assert stackfile.has_changes(path)


def test_a_folder_that_git_does_not_know_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(PromotionError) as refused:
        stackfile.has_changes(tmp_path / "Pulumi.prod.yaml")
    assert str(refused.value).startswith("Pulumi.prod.yaml: git cannot say whether it is committed: fatal: not a git")


def test_no_git_is_one_message(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(PromotionError, match=r"^Pulumi\.prod\.yaml: there is no git on PATH to ask"):
        stackfile.has_changes(tmp_path / "Pulumi.prod.yaml")


def test_a_saved_file_keeps_its_mode_and_nothing_else_is_left(tmp_path: Path) -> None:
    file = stack_file(tmp_path, HEAD + "    images: {}\n")
    file.path.chmod(0o640)
    stackfile.save(file, "anew\r\n")
    assert file.path.read_bytes() == b"anew\r\n"
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o640
    assert list(tmp_path.iterdir()) == [file.path]


def test_a_file_that_cannot_be_written_stays_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = stack_file(tmp_path, HEAD + "    images: {}\n")

    def full(self: Path, target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(PromotionError) as refused:
        stackfile.save(file, "anew")
    assert str(refused.value) == "Pulumi.prod.yaml cannot be written: No space left on device: try again when it can"
    assert file.path.read_text() == file.text
    assert list(tmp_path.iterdir()) == [file.path]


def test_a_file_that_somebody_wrote_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    file = stack_file(tmp_path, HEAD + "    images: {}\n")
    file.path.write_text("theirs")
    with pytest.raises(PromotionError, match=r"^Pulumi\.prod\.yaml: somebody has changed it just now: try again$"):
        stackfile.save(file, "ours")
    assert file.path.read_text() == "theirs"


def test_a_file_behind_a_link_is_written_where_it_lies(tmp_path: Path) -> None:
    real = stack_file(tmp_path, HEAD + "    images: {}\n").path
    link = tmp_path / "Pulumi.staging.yaml"
    link.symlink_to(real)
    stackfile.save(stackfile.read(link), "anew")
    assert link.is_symlink()
    assert real.read_text() == "anew"
