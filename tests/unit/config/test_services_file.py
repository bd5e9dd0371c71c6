"""services.py is code: whatever is wrong in it is one line for each problem, and no text of Python's."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from config.catalogue import CatalogueError, Entry, load
from config.entry_fields import FIELDS, REQUIRED

HEAD = "from config.catalogue import Entry\n\n"
FIELD_NAMES = f"The fields are {', '.join(FIELDS)}."
NAME = "a text of 2 to 20 lower-case letters and digits, a letter first, single hyphens between them"
PORT = "a number from 1024 to 65535, as the process is not root"
CALLS = 'must be a tuple of service names, such as ("authsvc",).'
SECRETS = 'must be a tuple of variable names, such as ("API_KEY",).'
FLAG = "must be True or False."
TUPLE = "must be a tuple of entries, such as (Entry(...),)."
ENTRY = 'must be an Entry, such as Entry(name="authsvc", port=9001).'
NOTHING_ELSE = "services.py has entries and jobs, and nothing else."
PYTHONS = r"Traceback|Error\b|unexpected|argument|__|positional|object|'str'|NoneType|invalid syntax"


def problems(folder: Path, code: str) -> list[str]:
    (folder / "services.py").write_text(code)
    with pytest.raises(CatalogueError) as refused:
        load(folder)
    return str(refused.value).splitlines()


FIELD_PROBLEMS = {
    'calls="authsvc"': f'calls is "authsvc": {CALLS}',
    'calls=["authsvc"]': f'calls is ["authsvc"]: {CALLS}',
    'calls=("authsvc")': f'calls is "authsvc": {CALLS}',
    'calls={"authsvc"}': f"calls is a set: {CALLS}",
    "calls=None": f"calls is None: {CALLS}",
    "calls=(1,)": f"calls is (1,): {CALLS}",
    'calls=("bsvc", "bsvc")': 'calls has "bsvc" twice. Remove one of the two.',
    'calls=("bsv",)': 'calls has "bsv": no such service. Did you mean bsvc? The services are asvc, bsvc.',
    'calls=("mail",)': 'calls has "mail": no such service. The services are asvc, bsvc.',
    'port="9001"': f'port is "9001": must be {PORT}.',
    "port=9001.0": f"port is 9001.0: must be {PORT}.",
    "port=True": f"port is True: must be {PORT}.",
    "port=None": f"port is None: must be {PORT}.",
    "port=80": f"port is 80: must be {PORT}.",
    'protocol="gprc"': 'protocol is "gprc": must be "grpc" or "http". Did you mean grpc?',
    'protocol="HTTP"': 'protocol is "HTTP": must be "grpc" or "http". Did you mean http?',
    'protocol="tcp"': 'protocol is "tcp": must be "grpc" or "http".',
    "protocol=1": 'protocol is 1: must be "grpc" or "http".',
    "database=1": f"database is 1: {FLAG}",
    'database="yes"': f'database is "yes": {FLAG}',
    "migrate=1": f"migrate is 1: {FLAG}",
    "migrate=True": "migrate is True: must be False without database=True, as there is none to migrate.",
    "bucket=None": f"bucket is None: {FLAG}",
    "public=0": f"public is 0: {FLAG}",
    'environment={"LEVEL": 5}': 'environment["LEVEL"] is a number: must be a text, such as "5".',
    'environment={"LEVEL": True}': 'environment["LEVEL"] is True: must be a text, such as "5".',
    'environment={5: "x"}': 'environment[5] is a text: must be a text, such as "5".',
    'environment=[("A", "hunter2")]': 'environment is a list: must be a dict of texts, such as {"LOG_LEVEL": "info"}.',
    'environment="A=hunter2"': 'environment is a text: must be a dict of texts, such as {"LOG_LEVEL": "info"}.',
    'secrets="API_KEY"': f"secrets is a text: {SECRETS}",
    'secrets={"API_KEY": "hunter2"}': f"secrets is a dict: {SECRETS}",
    'secrets=["API_KEY"]': f"secrets is a list: {SECRETS}",
    "health_path=None": 'health_path is None: must be a path without spaces, such as "/healthz".',
    'health_path="healthz"': 'health_path is "healthz": must be a path without spaces, such as "/healthz".',
    "databse=True": f"databse: no such field. Did you mean database? {FIELD_NAMES}",
    "health=1": f"health: no such field. {FIELD_NAMES}",
    "call=()": f"call: no such field. Did you mean calls? {FIELD_NAMES}",
}


@pytest.mark.parametrize(("field", "problem"), FIELD_PROBLEMS.items(), ids=FIELD_PROBLEMS)
def test_a_field_is_reported_with_its_line_its_value_and_what_would_be_valid(
    tmp_path: Path, field: str, problem: str
) -> None:
    port = "" if field.startswith("port") else "        port=9001,\n"
    other = 'Entry(name="bsvc", port=9002)'
    code = f'{HEAD}SERVICES = (\n    {other},\n    Entry(\n        name="asvc",\n{port}        {field},\n    ),\n)\n'
    line = len(code.splitlines()) - 2
    assert problems(tmp_path, code) == [f"services.py:{line}: asvc.{problem}"]


ENTRIES = {
    'Entry("asvc", 9001)': [
        'services.py:3: Entry: each value must have the name of its field, such as name="authsvc", port=9001.'
    ],
    'Entry("asvc", port=9001)': [
        'services.py:3: Entry: each value must have the name of its field, such as name="authsvc", port=9001.'
    ],
    'Entry(name="asvc")': [f"services.py:3: asvc.port: missing. It must be {PORT}."],
    "Entry(port=9001)": [f"services.py:3: Entry.name: missing. It must be {NAME}."],
    "Entry()": [
        f"services.py:3: Entry.name: missing. It must be {NAME}.",
        f"services.py:3: Entry.port: missing. It must be {PORT}.",
    ],
    'Entry(name="asvc", prot=9001)': [f"services.py:3: asvc.prot: no such field. Did you mean port? {FIELD_NAMES}"],
    "Entry(name=5, port=9001)": [f"services.py:3: SERVICES[0].name is 5: must be {NAME}."],
    'Entry(name="asvc", port=9001, port=9002)': ["services.py:3: port: given twice. Remove one of the two."],
    'Entry(**{"name": "asvc", "prot": 9001})': [
        "services.py:3: Entry must be called with its fields, of which name and port are required."
    ],
    'Entry(name="asvc", port=9001, database=true)': ["services.py:3: true is not defined. Did you mean True?"],
    'Entry(name="asvc", port=9001, public=false)': ["services.py:3: false is not defined. Did you mean False?"],
    'entry(name="asvc", port=9001)': ["services.py:3: entry is not defined. Did you mean Entry?"],
    '"asvc"': [f"services.py:3: SERVICES[0] is a text: {ENTRY}"],
    'dict(name="asvc", port=9001)': [f"services.py:3: SERVICES[0] is a dict: {ENTRY}"],
    "Entry": [f"services.py:3: SERVICES[0] is a type: {ENTRY}"],
}


@pytest.mark.parametrize(("entry", "lines"), ENTRIES.items(), ids=ENTRIES)
def test_an_entry_that_cannot_be_created_is_reported(tmp_path: Path, entry: str, lines: list[str]) -> None:
    assert problems(tmp_path, f"{HEAD}SERVICES = ({entry},)\n") == lines


FILES = {
    "": "services.py: SERVICES: missing. It must be a tuple of entries, such as (Entry(...),).",
    "SERVICE = ()": "services.py: SERVICES: missing. Did you mean SERVICES in place of SERVICE?"
    " It must be a tuple of entries, such as (Entry(...),).",
    "services = ()": "services.py: SERVICES: missing. Did you mean SERVICES in place of services?"
    " It must be a tuple of entries, such as (Entry(...),).",
    'SERVICES = Entry(name="asvc", port=9001)': "services.py:3: SERVICES is one Entry: must be a tuple of entries."
    " Put a comma after it: (Entry(...),).",
    'SERVICES = (Entry(name="asvc", port=9001))': "services.py:3: SERVICES is one Entry: must be a tuple of entries."
    " Put a comma after it: (Entry(...),).",
    "SERVICES = {}": f"services.py:3: SERVICES is a dict: {TUPLE}",
    'SERVICES = "asvc"': f"services.py:3: SERVICES is a text: {TUPLE}",
    "SERVICES = None": f"services.py:3: SERVICES is None: {TUPLE}",
    "SERVICES = (each for each in ())": f"services.py:3: SERVICES is a generator: {TUPLE}",
    "SERVICES = (1 / 0,)": f"services.py:3: cannot be run (division by zero). {NOTHING_ELSE}",
    'raise ValueError("one\\ntwo")': f"services.py:3: cannot be run (one). {NOTHING_ELSE}",
    "assert False": "services.py:3: cannot be run. Look for a missing comma or bracket near this line.",
    "raise BaseException": "services.py:3: cannot be run. Look for a missing comma or bracket near this line.",
    "import nothing_here": "services.py:3: cannot import from nothing_here. services.py needs only config.catalogue.",
    "from config.catalogue import Entri": "services.py:3: config.catalogue has no Entri. Did you mean Entry?",
    "raise SystemExit(0)": f"services.py:3: ends the program. Remove the line: {NOTHING_ELSE}",
    "import sys\nsys.exit()": f"services.py:4: ends the program. Remove the line: {NOTHING_ELSE}",
    "def f():\n    return f()\nf()": "services.py:4: cannot be run."
    " Look for a missing comma or bracket near this line.",
    'SERVICES = (Entry(name="asvc" port=9001),)': "services.py:3: cannot be read."
    " Look for a comma, a bracket or a quote that is missing near this line.",
    'SERVICES = (Entry(name="a", port=1)\n  Entry(name="b", port=2))': "services.py:3: cannot be read."
    " Look for a comma, a bracket or a quote that is missing near this line.",
    'SERVICES = (Entry(name="asvc", port=9001) (1),)': "services.py:3: cannot be run."
    " Look for a missing comma or bracket near this line.",
    "return 1": "services.py:3: cannot be read. Look for a comma, a bracket or a quote that is missing near this line.",
    "  SERVICES = ()": "services.py:3: the indentation is wrong. Indent with four spaces.",
    "SERVICES = ()\n\0": "services.py: cannot be read as UTF-8 text. Save it as UTF-8.",
}


@pytest.mark.parametrize(("code", "line"), FILES.items(), ids=FILES)
def test_any_failure_of_services_py_is_one_line(tmp_path: Path, code: str, line: str) -> None:
    assert problems(tmp_path, HEAD + code) == [line]


@pytest.mark.parametrize(
    "lines", [*ENTRIES.values(), *([each] for each in (*FIELD_PROBLEMS.values(), *FILES.values()))]
)
def test_no_message_has_a_text_of_python_or_a_secret(lines: list[str]) -> None:
    assert [each for each in lines if re.search(f"{PYTHONS}|hunter2", each)] == []


def test_a_file_that_is_not_utf_8_or_does_not_exist_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"^services\.py: does not exist\. It lists the services: "):
        load(tmp_path)
    (tmp_path / "services.py").write_bytes(b"SERVICES = ()  # \xff")
    with pytest.raises(CatalogueError, match=r"^services\.py: cannot be read as UTF-8 text\. Save it as UTF-8\.$"):
        load(tmp_path)
    (tmp_path / "services.py").unlink()
    (tmp_path / "services.py").mkdir()
    with pytest.raises(CatalogueError, match=r"^services\.py: cannot be read \(Is a directory\)\.$"):
        load(tmp_path)


def test_an_interrupt_is_no_problem_of_services_py(tmp_path: Path) -> None:
    (tmp_path / "services.py").write_text("raise KeyboardInterrupt")
    with pytest.raises(KeyboardInterrupt):
        load(tmp_path)


def test_the_problems_of_all_entries_are_reported_at_once_in_the_order_of_their_lines(tmp_path: Path) -> None:
    code = f"""{HEAD}SERVICES = (
    Entry(name="asvc", port=9001, databse=True),
    Entry(
        name="bsvc",
        port="9002",
        calls="asvc",
    ),
    Entry("csvc", 9003),
    Entry(name="dsvc", port=9001, calls=("asv",)),
    Entry(name="dsvc", port=9004),
)
"""
    assert problems(tmp_path, code) == [
        f"services.py:4: asvc.databse: no such field. Did you mean database? {FIELD_NAMES}",
        f'services.py:7: bsvc.port is "9002": must be {PORT}.',
        f'services.py:8: bsvc.calls is "asvc": {CALLS}',
        'services.py:10: Entry: each value must have the name of its field, such as name="authsvc", port=9001.',
        'services.py:11: dsvc.calls has "asv": no such service. Did you mean asvc? The services are asvc, bsvc, dsvc.',
        "services.py:11: asvc and dsvc have the port 9001. Each service needs its own.",
        "services.py:12: 2 entries have the name dsvc. Each service needs its own.",
    ]


@pytest.mark.parametrize(
    "code",
    [
        'SERVICES = [Entry(name="asvc", port=9001)]',
        'import config.catalogue as c\nSERVICES = (c.Entry(name="asvc", port=9001),)',
        'from config.catalogue import Entry as E\nSERVICES = (E(name="asvc", port=9001),)',
        'SERVICES = tuple(Entry(name=n, port=p) for n, p in [("asvc", 9001)])',
        'SHARED = {"database": True}\nSERVICES: tuple[Entry, ...] = (Entry(name="asvc", port=9001, **SHARED),)',
        'def grpc(name, port):\n    return Entry(name=name, port=port)\nSERVICES = (grpc("asvc", 9001),)',
        'SERVICES = (*[Entry(name="asvc", port=9001)],)',
    ],
)
def test_any_code_that_creates_entries_is_valid(tmp_path: Path, code: str) -> None:
    (tmp_path / "services.py").write_text(HEAD + code)
    assert load(tmp_path).names == ("asvc",)


def test_every_field_of_an_entry_has_its_valid_values() -> None:
    assert list(FIELDS) == [each.name for each in dataclasses.fields(Entry)]
    defaults = {each.name for each in dataclasses.fields(Entry) if each.name not in REQUIRED}
    entry = Entry(name="asvc", port=9001)
    assert [name for name in defaults if not FIELDS[name].has_type(getattr(entry, name))] == []
