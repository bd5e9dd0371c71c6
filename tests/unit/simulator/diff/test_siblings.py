from __future__ import annotations

from pathlib import Path

import pytest

from simulator.diff import siblings

CATALOGUE = """
class Entry:
    def __init__(self, name): self.name = name
CATALOGUE = [Entry("authsvc"), Entry("chatsvc")]
"""


def program(folder: Path, *contexts: str) -> Path:
    """A checkout with a stack for each of the contexts, and a sample of one file."""
    root = folder / "mrgnl-infra"
    (root / siblings.SAMPLE).mkdir(parents=True)
    (root / siblings.SAMPLE / "main.go").write_text(folder.name)
    (root / "services.py").write_text(CATALOGUE)
    for number, context in enumerate(contexts):
        stack = f'config: {{"marginalia:stack": {{build: {{context: "{context}"}}}}}}'
        (root / f"Pulumi.stack{number}.yaml").write_text(stack)
    return root


def beside(root: Path) -> list[str]:
    found = [path.relative_to(root.parent) for path in root.parent.rglob("*") if root not in path.parents]
    return sorted(str(each) for each in found if each.name != root.name)


def test_a_folder_that_is_there_lies_beside_every_copy_though_several_contexts_are_in_it(tmp_path: Path) -> None:
    root = program(tmp_path / "here")
    for name in ("mono", "mrgnl-authsvc", "mrgnl-chatsvc", "other"):
        (root.parent / name).mkdir()
    copies = [
        program(tmp_path / "base", "../mrgnl-{service}", "../mrgnl-authsvc"),
        program(tmp_path / "head", "../mono/{service}", "../mrgnl-infra/image/sample"),
    ]
    assert siblings.put_beside(root, copies) == []
    for copy in copies:
        assert beside(copy) == ["mono", "mrgnl-authsvc", "mrgnl-chatsvc"]
        assert (copy.parent / "mono").readlink() == root.parent / "mono"


def test_the_sample_of_the_checkout_stands_in_for_a_context_that_is_not_there(tmp_path: Path) -> None:
    root = program(tmp_path / "here")
    (root.parent / "mrgnl-authsvc").mkdir()
    copies = [program(tmp_path / "base", "../mrgnl-{service}"), program(tmp_path / "head", "../mono/src")]
    assert siblings.put_beside(root, copies) == ["../mono/src", "../mrgnl-chatsvc"]
    for copy in copies:
        assert (copy.parent / "mrgnl-chatsvc" / "main.go").read_text() == "here"
        assert (copy.parent / "mono" / "src" / "main.go").read_text() == "here"
    assert beside(root) == ["mrgnl-authsvc"]


@pytest.mark.parametrize("context", ["image/sample", "image/sampel", "../../x", "../x/../../y", "..", "/x"])
def test_a_context_that_does_not_lie_beside_the_checkout_gets_no_stand_in(tmp_path: Path, context: str) -> None:
    root = program(tmp_path / "here", context)
    copy = program(tmp_path / "head", context)
    before = sorted(tmp_path.rglob("*"))
    assert siblings.put_beside(root, [copy]) == []
    assert sorted(tmp_path.rglob("*")) == before


def test_a_catalogue_that_cannot_be_read_builds_nothing(tmp_path: Path) -> None:
    copy = program(tmp_path / "head", "../mrgnl-{service}")
    (copy / "services.py").write_text("CATALOGUE = (")
    assert siblings.put_beside(tmp_path / "here" / "mrgnl-infra", [copy]) == []
