from __future__ import annotations

from pathlib import Path

import pytest

from review import build_contexts

SERVICES = """
from config.catalogue import Entry
SERVICES = [Entry(name="authsvc", port=9001), Entry(name="chatsvc", port=9002)]
"""


def program(folder: Path, *contexts: str) -> Path:
    """A checkout with a stack for each of the contexts, and a sample of one file."""
    root = folder / "mrgnl-infra"
    (root / build_contexts.SAMPLE).mkdir(parents=True)
    (root / build_contexts.SAMPLE / "main.go").write_text(folder.name)
    (root / "services.py").write_text(SERVICES)
    for number, context in enumerate(contexts):
        stack = f'config: {{"marginalia:stack": {{build: {{context: "{context}"}}}}}}'
        (root / f"Pulumi.stack{number}.yaml").write_text(stack)
    return root


def siblings(root: Path) -> list[str]:
    found = [path.relative_to(root.parent) for path in root.parent.rglob("*") if root not in path.parents]
    return sorted(str(each) for each in found if each.name != root.name)


def test_a_folder_is_linked_once_for_several_contexts_in_it(tmp_path: Path) -> None:
    root = program(tmp_path / "here")
    for name in ("mono", "mrgnl-authsvc", "mrgnl-chatsvc", "other"):
        (root.parent / name).mkdir()
    copies = [
        program(tmp_path / "base", "../mrgnl-{service}", "../mrgnl-authsvc"),
        program(tmp_path / "head", "../mono/{service}", "../mrgnl-infra/image/sample"),
    ]
    assert build_contexts.link(root, copies) == []
    for copy in copies:
        assert siblings(copy) == ["mono", "mrgnl-authsvc", "mrgnl-chatsvc"]
        assert (copy.parent / "mono").readlink() == root.parent / "mono"


def test_the_sample_of_the_checkout_replaces_a_missing_context(tmp_path: Path) -> None:
    root = program(tmp_path / "here")
    (root.parent / "mrgnl-authsvc").mkdir()
    copies = [program(tmp_path / "base", "../mrgnl-{service}"), program(tmp_path / "head", "../mono/src")]
    assert build_contexts.link(root, copies) == ["../mono/src", "../mrgnl-chatsvc"]
    for copy in copies:
        assert (copy.parent / "mrgnl-chatsvc" / "main.go").read_text() == "here"
        assert (copy.parent / "mono" / "src" / "main.go").read_text() == "here"
    assert siblings(root) == ["mrgnl-authsvc"]


@pytest.mark.parametrize("context", ["image/sample", "image/sampel", "../../x", "../x/../../y", "..", "/x"])
def test_only_a_sibling_of_the_checkout_is_replaced_by_the_sample(tmp_path: Path, context: str) -> None:
    root = program(tmp_path / "here", context)
    copy = program(tmp_path / "head", context)
    before = sorted(tmp_path.rglob("*"))
    assert build_contexts.link(root, [copy]) == []
    assert sorted(tmp_path.rglob("*")) == before


def test_an_invalid_catalogue_has_no_contexts(tmp_path: Path) -> None:
    copy = program(tmp_path / "head", "../mrgnl-{service}")
    (copy / "services.py").write_text("SERVICES = (")
    assert build_contexts.link(tmp_path / "here" / "mrgnl-infra", [copy]) == []
