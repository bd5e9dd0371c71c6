"""The contract with the generated code of the provider SDKs that simulator/sdk_imports.py compiles in another way."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from simulator import sdk_imports

DESCRIBE = """
import json, sys
from importlib import import_module
if sys.argv[1] == "lazy":
    from simulator import sdk_imports
    sdk_imports.install()
import pulumi_aws
from pulumi import _types
def types(cls):
    return {name: repr(each) for name, each in _types._types_from_py_properties(cls).items()}
found = {}
for module, name in [("lb", "Listener"), ("lb", "ListenerArgs"), ("lb", "ListenerDefaultActionArgs"), ("sns", "Topic")]:
    found[f"{module}.{name}"] = types(getattr(getattr(pulumi_aws, module), name))
found["output"] = types(import_module("pulumi_aws.lb.outputs").ListenerDefaultAction)
found["function"] = callable(pulumi_aws.lb.get_listener)
found["names"] = sorted({*pulumi_aws.lb.__dict__} & {"get_listener", "get_listener_output", "GetListenerResult"})
found["modules"] = len([each for each in sys.modules if each.startswith("pulumi_aws.")])
print(json.dumps(found))
"""


def describe(kind: str) -> dict[str, Any]:
    run = subprocess.run([sys.executable, "-c", DESCRIBE, kind], capture_output=True, text=True, check=True)
    return json.loads(run.stdout)


def test_a_class_has_the_properties_and_types_that_it_has_without() -> None:
    plain, lazy = describe("plain"), describe("lazy")
    assert lazy.pop("modules") < plain.pop("modules") / 4, "the modules of other resources are imported"
    assert lazy == plain


def test_a_file_is_compiled_again_when_its_source_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = tmp_path / "pulumi_random" / "file.py"
    source.parent.mkdir()
    compiled: list[str] = []
    original = sdk_imports.compiled

    def counted(text: str, path: Path) -> Any:
        compiled.append(text)
        return original(text, path)

    monkeypatch.setattr(sdk_imports, "compiled", counted)
    for text in ("value = 1", "value = 1", "value = 2000"):
        source.write_text(text)
        os.utime(source, (len(text), len(text)))
        sdk_imports.Loader("pulumi_random.file", str(source)).get_code("pulumi_random.file")
    assert compiled == ["value = 1", "value = 2000"]


def test_a_damaged_compiled_file_is_compiled_again(tmp_path: Path) -> None:
    source = tmp_path / "file.py"
    source.write_text("value = 1")
    loader = sdk_imports.Loader("pulumi_random.file", str(source))
    first = loader.get_code("pulumi_random.file")
    [cached] = (tmp_path / "__pycache__").iterdir()
    cached.write_bytes(cached.read_bytes()[:-3])
    assert loader.get_code("pulumi_random.file") == first


def test_an_installation_that_cannot_be_written_is_imported_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "file.py"
    source.write_text('"""Documented."""')

    def denied(path: Path, mode: int) -> bool:
        return False

    monkeypatch.setattr(os, "access", denied)
    code = sdk_imports.Loader("pulumi_random.file", str(source)).get_code("pulumi_random.file")
    assert "Documented." in code.co_consts, "compiled again in each run, which takes longer than the import saves"
