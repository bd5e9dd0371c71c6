from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from review import build_contexts
from review.worktree import Copy, Repository
from tests.git import commit_all

SERVICES = """
from config.catalogue import Entry
SERVICES = [Entry(name="authsvc", port=9001), Entry(name="chatsvc", port=9002)]
"""


def program(root: Path, *contexts: str) -> None:
    """A stack for each of the contexts, and a sample of one file."""
    (root / build_contexts.SAMPLE).mkdir(parents=True, exist_ok=True)
    (root / build_contexts.SAMPLE / "main.go").write_text("sample")
    (root / "services.py").write_text(SERVICES)
    for number, context in enumerate(contexts):
        stack = f'config: {{"marginalia:stack": {{build: {{context: "{context}"}}}}}}'
        (root / f"Pulumi.stack{number}.yaml").write_text(stack)


@pytest.fixture
def base(tmp_path: Path) -> Copy:
    repository = Repository(top=tmp_path / "here" / "mrgnl-infra", prefix="")
    program(repository.root)
    return Copy(repository=repository, folder=tmp_path / "base")


@pytest.fixture
def head(base: Copy, tmp_path: Path) -> Copy:
    return replace(base, folder=tmp_path / "head")


def siblings(root: Path) -> list[str]:
    found = [path.relative_to(root.parent) for path in root.parent.rglob("*") if root not in path.parents]
    return sorted(str(each) for each in found if each.name != root.name)


def test_a_folder_is_linked_once_for_several_contexts_in_it(base: Copy, head: Copy) -> None:
    here = base.repository.root.parent
    for name in ("mono/authsvc", "mono/chatsvc", "mrgnl-authsvc", "mrgnl-chatsvc", "other"):
        (here / name).mkdir(parents=True)
    program(base.root, "../mrgnl-{service}", "../mrgnl-authsvc")
    program(head.root, "../mono/{service}", "../mrgnl-infra/image/sample")
    assert build_contexts.provide(base, head) == []
    for copy in (base, head):
        assert siblings(copy.root) == ["mono", "mrgnl-authsvc", "mrgnl-chatsvc"]
        assert (copy.root.parent / "mono").readlink() == here / "mono"


def test_the_sample_replaces_a_missing_sibling(base: Copy, head: Copy) -> None:
    root = base.repository.root
    (root.parent / "mrgnl-authsvc").mkdir()
    program(base.root, "../mrgnl-{service}")
    program(head.root, "../mono/src")
    assert build_contexts.provide(base, head) == ["../mono/src", "../mrgnl-chatsvc"]
    for copy in (base, head):
        assert (copy.root / "../mrgnl-chatsvc/main.go").read_text() == "sample"
        assert (copy.root / "../mono/src/main.go").read_text() == "sample"
    assert siblings(root) == ["mrgnl-authsvc"]


@pytest.mark.parametrize("context", ["image/sample", "image/sampel", "../../x", "../x/../../y", "..", "/x"])
def test_only_a_sibling_of_the_checkout_is_replaced_by_the_sample(base: Copy, head: Copy, context: str) -> None:
    program(base.root, context)
    program(head.root, context)
    folder = base.folder.parent
    before = sorted(folder.rglob("*"))
    assert build_contexts.provide(base, head) == []
    assert sorted(folder.rglob("*")) == before


def test_an_existing_context_two_folders_up_is_linked(base: Copy, head: Copy) -> None:
    source = base.repository.root.parent.parent / "services"
    (source / "authsvc").mkdir(parents=True)
    program(base.root, "../../services/authsvc")
    program(head.root)
    assert build_contexts.provide(base, head) == []
    assert [(copy.root / "../../services").readlink() for copy in (base, head)] == [source, source]


def test_a_context_that_git_ignores_is_linked_for_both_commits(base: Copy, head: Copy) -> None:
    source = base.repository.root / "services" / "authsvc"
    source.mkdir(parents=True)
    program(base.root, "services/authsvc")
    program(head.root, "services/authsvc")
    assert build_contexts.provide(base, head) == []
    assert [(copy.root / "services/authsvc").readlink() for copy in (base, head)] == [source, source]


def test_a_context_elsewhere_in_the_repository_has_the_files_of_each_commit(tmp_path: Path) -> None:
    top = tmp_path / "here" / "product"
    program(top / "deploy" / "infra", "../../services/{service}")
    for service in ("authsvc", "chatsvc"):
        (top / "services" / service).mkdir(parents=True)
        (top / "services" / service / "main.go").write_text("committed")
    commit_all(top)
    (top / "services" / "authsvc" / "main.go").write_text("edited")
    (top / "services" / "chatsvc" / "main.go").unlink()
    repository = Repository.of(top / "deploy" / "infra")
    base = Copy(repository=repository, folder=tmp_path / "base", commit="HEAD")
    head = Copy(repository=repository, folder=tmp_path / "head")
    for copy in (base, head):
        copy.folder.mkdir()
        copy.add(repository.prefix)
    assert build_contexts.provide(base, head) == []
    assert (base.root / "../../services/authsvc/main.go").read_text() == "committed"
    assert (head.root / "../../services/authsvc/main.go").read_text() == "edited"
    assert (base.root / "../../services/chatsvc/main.go").read_text() == "committed"
    assert not (head.root / "../../services/chatsvc").exists()


def test_an_invalid_catalogue_has_no_contexts(base: Copy, head: Copy) -> None:
    program(head.root, "../mrgnl-{service}")
    base.root.mkdir(parents=True)
    (head.root / "services.py").write_text("SERVICES = (")
    assert build_contexts.provide(base, head) == []


@pytest.mark.parametrize(
    ("context", "absolute"), [("image/sample", False), ("../mrgnl-{service}", False), ("/src/{service}", True)]
)
def test_a_context_with_an_absolute_path_is_in_no_copy(base: Copy, context: str, absolute: bool) -> None:
    program(base.root, context)
    assert build_contexts.has_absolute(base) == absolute
