"""What the image's benchmark builds, and what it calls an edit."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.bench_image.modules import HEAVY_MAIN, PATH, SAMPLE, edit, services


def test_each_service_is_a_module_of_its_own(tmp_path: Path) -> None:
    copies = services(["authsvc", "mcp"], SAMPLE, tmp_path)
    assert [(copy / "go.mod").read_text().splitlines()[0] for copy in copies.values()] == [
        "module marginalia.sh/authsvc",
        "module marginalia.sh/mcp",
    ]
    assert [file for file in tmp_path.rglob("*.*") if file.is_file() and PATH in file.read_text()] == []


def test_each_edit_changes_one_line_that_the_service_prints(tmp_path: Path) -> None:
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
def test_both_modules_print_what_is_edited_in_one_place(main: str) -> None:
    assert main.count('"service:') == 1


def test_a_source_without_that_line_is_refused(tmp_path: Path) -> None:
    [service] = services(["mcp"], SAMPLE, tmp_path).values()
    main = service / "cmd" / "server" / "main.go"
    main.write_text(main.read_text().replace('"service:"', '"mcp:"'))
    with pytest.raises(ValueError, match='prints "service:'):
        edit(service, 0)
