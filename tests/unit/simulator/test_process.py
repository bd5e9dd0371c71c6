"""Every command, started as it is typed, ends with one message whatever happens to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.declared import ROOT

START = "import sys; from simulator.process import run; sys.path.insert(0, sys.argv[1]); run('command')"


def started(folder: Path, code: str, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    """A process whose command is this code."""
    (folder / "command.py").write_text(code, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-c", START, folder],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


WAIT = "print('ready', flush=True)\nimport time\ntime.sleep(60)\n"
MOMENTS = {
    "during-imports": WAIT,
    "in-main": "def main():\n    " + WAIT.replace("\n", "\n    "),
    "in-a-cleanup": "def main():\n  try:\n    pass\n  finally:\n    " + WAIT.replace("\n", "\n    "),
}


@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupt_is_one_word_at_any_moment(tmp_path: Path, moment: str, number: signal.Signals) -> None:
    process = started(tmp_path, MOMENTS[moment])
    assert process.stdout
    process.stdout.readline()
    process.send_signal(number)
    assert ended(process) == (130, "", "Interrupted.\n")


def test_a_file_name_that_is_no_text_is_printed_with_escapes(tmp_path: Path) -> None:
    code = "import os\ndef main():\n    print(os.fsdecode(b'latin-\\xfc'))\n    return 0\n"
    assert ended(started(tmp_path, code, {"PYTHONIOENCODING": "utf-8:strict"})) == (0, "latin-\\udcfc\n", "")


def test_a_command_exits_with_the_code_of_its_main(tmp_path: Path) -> None:
    assert ended(started(tmp_path, "def main():\n    print('done')\n    return 3\n")) == (3, "done\n", "")


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("open('/nonexistent/file')", "/nonexistent/file: No such file or directory.\n"),
        ("open('/proc/file', 'w')", "/proc/file: No such file or directory.\n"),
        ("open('/dev/full', 'w').write('x' * 99999)", "No space left on device.\n"),
        ("import tempfile; tempfile.tempdir = '/nonexistent'; tempfile.mkdtemp(prefix='x')", "/nonexistent/x"),
    ],
)
def test_what_the_machine_refuses_is_one_message(tmp_path: Path, code: str, message: str) -> None:
    status, out, err = ended(started(tmp_path, f"def main():\n    {code}\n"))
    assert (status, out, err.count("\n"), err.startswith(message)) == (1, "", 1, True)


def test_a_reader_that_left_is_no_message(tmp_path: Path) -> None:
    with started(tmp_path, "def main():\n    for _ in range(99999): print('line')\n    return 0\n") as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert (process.wait(timeout=60), process.stderr.read()) == (1, "")


@pytest.mark.parametrize("locale", ["C", "POSIX", "C.UTF-8", "nonexistent", "de_DE.ISO-8859-1"])
def test_files_are_utf_8_in_every_locale(tmp_path: Path, locale: str) -> None:
    (tmp_path / "file").write_text("ü", encoding="utf-8")
    code = f"from pathlib import Path\ndef main():\n    return ord(Path({str(tmp_path / 'file')!r}).read_text())\n"
    environment = {"LC_ALL": locale, "PYTHONCOERCECLOCALE": "0"}
    assert ended(started(tmp_path, code, environment)) == (ord("ü"), "", "")


def test_a_character_that_the_terminal_does_not_have_is_no_error(tmp_path: Path) -> None:
    environment = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}
    process = started(tmp_path, "def main():\n    print('\\u2501')\n    return 0\n", environment)
    assert ended(process) == (0, "\\u2501\n", "")


@pytest.mark.parametrize("package", ["simulator", "review", "ops"])
def test_every_command_starts_this_way(package: str) -> None:
    assert f'run("{package}.cli")' in (ROOT / package / "__main__.py").read_text()


def test_an_interpreter_without_the_packages_is_one_message(tmp_path: Path) -> None:
    assert ended(started(tmp_path, "import absent.package\n")) == (
        1,
        "",
        f"absent: not installed for {sys.executable}. Run `make up`, then use .venv/bin/python.\n",
    )
