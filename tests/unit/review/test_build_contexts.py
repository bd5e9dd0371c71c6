from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

from config.stackfile import KEY
from review.build_contexts import has_absolute
from review.worktree import Copy, Repository
from tests.declared import ROOT


@pytest.mark.parametrize(
    ("context", "absolute"), [("image/sample", False), ("../mrgnl-{service}", False), ("/src/{service}", True)]
)
def test_a_context_with_an_absolute_path_is_in_no_copy(tmp_path: Path, context: str, absolute: bool) -> None:
    copy = Copy(repository=Repository(top=Path("/repository"), prefix=""), folder=tmp_path)
    copy.root.mkdir(parents=True)
    for name in ("services.py", "Pulumi.yaml"):
        shutil.copy(ROOT / name, copy.root)
    content = yaml.safe_load((ROOT / "Pulumi.dev.yaml").read_text())
    content["config"][KEY]["build"]["context"] = context
    (copy.root / "Pulumi.dev.yaml").write_text(yaml.safe_dump(content))
    assert has_absolute(copy) == absolute
