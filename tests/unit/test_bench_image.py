"""The sources that the image benchmark builds, and its edits."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.bench_image.modules import HEAVY_MAIN, PATH, SAMPLE, edit, services


def test_each_service_has_its_own_module_path(tmp_path: Path) -> None:
    copies = services(["authsvc", "mcp"], SAMPLE, tmp_path)
    assert [(copy / "go.mod").read_text().splitlines()[0] for copy in copies.values()] == [
        "module marginalia.sh/authsvc",
        "module marginalia.sh/mcp",
    ]
    assert [file for file in tmp_path.rglob("*.*") if file.is_file() and PATH in file.read_text()] == []


def test_each_edit_changes_the_one_line_that_prints_the_error(tmp_path: Path) -> None:
    [service] = services(["mcp"], SAMPLE, tmp_path).values()
    main = service / "cmd" / "server" / "main.go"
    for run in range(2):
        before = main.read_text().splitlines()
        edit(service, run)
        [changed] = [after for was, after in zip(before, main.read_text().splitlines(), strict=True) if was != after]
        assert f'Fprintln(os.Stderr, "service: edit {run}:' in changed


@pytest.mark.parametrize(
    "main", [HEAVY_MAIN, (SAMPLE / "cmd" / "server" / "main.go").read_text()], ids=["heavy", "sample"]
)
def test_both_modules_have_the_line_that_an_edit_changes_once(main: str) -> None:
    assert main.count('"service:') == 1


def test_a_source_without_that_line_is_rejected(tmp_path: Path) -> None:
    [service] = services(["mcp"], SAMPLE, tmp_path).values()
    main = service / "cmd" / "server" / "main.go"
    main.write_text(main.read_text().replace('"service:"', '"mcp:"'))
    with pytest.raises(ValueError, match='no line prints "service:'):
        edit(service, 0)
