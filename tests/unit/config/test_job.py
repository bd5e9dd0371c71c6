"""Jobs in services.py: each problem is one line, as those of entries are."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from config.catalogue import Catalogue, CatalogueError, Entry, Job, load
from config.job_fields import FIELDS, REQUIRED

SERVICE = 'SERVICES = (Entry(name="asvc", port=9001),)\n'
HEAD = f"from config.catalogue import Entry, Job\n{SERVICE}"
NAMES = f"The fields are {', '.join(FIELDS)}."
SCHEDULE = 'must be "" or an expression of EventBridge Scheduler, such as "cron(0 3 * * ? *)" or "rate(1 hour)". Here'


def problems(folder: Path, code: str) -> list[str]:
    (folder / "services.py").write_text(HEAD + code)
    with pytest.raises(CatalogueError) as refused:
        load(folder)
    return str(refused.value).splitlines()


PROBLEMS = {
    'image="asv", command=("-x",)': 'image is "asv": no such service. Did you mean asvc? The services are asvc.',
    'image="asvc"': 'command: missing. It must be a tuple of texts, such as ("-cleanup",), as the image of asvc would'
    " start the service without it.",
    'command="-x"': 'command is "-x": must be a tuple of texts, such as ("-cleanup",).',
    'schedule="0 3 * * *"': f'schedule is "0 3 * * *": {SCHEDULE} it is neither rate(…) nor cron(…).',
    'schedule="cron(0 3 * * * *)"': f'schedule is "cron(0 3 * * * *)": {SCHEDULE} one of day-of-month and day-of-week'
    " must be ?, and not both.",
    "schedule=60": f"schedule is 60: {SCHEDULE.removesuffix(' Here')}",
    'schedule="rate(1 day)", time_zone="Europe/Berln"': 'time_zone is "Europe/Berln": must be a name of the time zone'
    ' database, such as "Europe/Berlin". Did you mean Europe/Berlin?',
    'time_zone="Europe/Berlin"': 'time_zone is "Europe/Berlin": only a job with a schedule has a time zone.',
    "database=1": "database is 1: must be True or False.",
    'environment={"LEVEL": 5}': 'environment["LEVEL"] is a number: must be a text, such as "5".',
    "port=9001": f"port: no such field. {NAMES}",
    "comand=()": f"comand: no such field. Did you mean command? {NAMES}",
}


@pytest.mark.parametrize(("field", "problem"), PROBLEMS.items(), ids=PROBLEMS)
def test_a_field_of_a_job_is_reported_with_its_line(tmp_path: Path, field: str, problem: str) -> None:
    code = f'JOBS = (\n    Job(name="nightly", {field}),\n)\n'
    assert problems(tmp_path, code) == [f"services.py:4: nightly.{problem}"]


@pytest.mark.parametrize(
    ("code", "line"),
    [
        (
            'JOBS = Job(name="nightly")',
            "3: JOBS is one Job: must be a tuple of jobs. Put a comma after it: (Job(...),).",
        ),
        ("JOBS = {}", "3: JOBS is a dict: must be a tuple of jobs, such as (Job(...),)."),
        (
            'JOBS = (Entry(name="nightly", port=9002),)',
            "3: JOBS[0] is an Entry: must be a Job, such as"
            ' Job(name="cleanup", image="authsvc", command=("-cleanup",)).',
        ),
        ('JOB = (Job(name="nightly"),)', ": JOB: no such tuple. Did you mean JOBS? It lists the jobs: (Job(...),)."),
        ("JOBS = (Job(),)", f"3: Job.name: missing. It must be {FIELDS['name'].valid}."),
        ('JOBS = (Job(**{"nam": "x"}),)', "3: Job must be called with its fields, of which name is required."),
        ('JOBS = (Job(name="asvc"),)', "3: asvc is the name of a service and of a job. Each needs its own."),
        ('JOBS = (Job(name="ab"), Job(name="ab"))', "3: 2 jobs have the name ab. Each job needs its own."),
        (
            'JOBS = (Job(name="postgres"),)',
            '3: postgres.name is "postgres": must be another name, as this one is reserved.',
        ),
    ],
)
def test_jobs_that_cannot_be_declared_are_one_line(tmp_path: Path, code: str, line: str) -> None:
    assert problems(tmp_path, code) == [f"services.py{'' if line.startswith(':') else ':'}{line}"]


def test_the_problems_of_entries_and_jobs_are_reported_at_once(tmp_path: Path) -> None:
    code = 'JOBS = (Job(name="a_b"),)\nSERVICES = (Entry(name="asvc", port=80),)\n'
    assert problems(tmp_path, code) == [
        f'services.py:3: a_b.name is "a_b": must be {FIELDS["name"].valid}.',
        "services.py:4: asvc.port is 80: must be a number from 1024 to 65535, as the process is not root.",
    ]


def test_a_services_py_without_jobs_has_none(tmp_path: Path) -> None:
    (tmp_path / "services.py").write_text(HEAD)
    assert dict(load(tmp_path).jobs) == {}


def test_a_job_with_the_image_of_a_service_is_pinned_with_it_and_one_with_its_own_by_its_name() -> None:
    jobs = (Job(name="own"), Job(name="cleanup", image="asvc", command=("-cleanup",)))
    catalogue = Catalogue([Entry(name="asvc", port=9001)], jobs)
    assert {name: each.pin for name, each in catalogue.declared.items()} == {
        "asvc": "asvc",
        "cleanup": "asvc",
        "own": "own",
    }
    assert [each.name for each in catalogue.built] == ["asvc", "own"]


def test_every_field_of_a_job_has_its_valid_values() -> None:
    assert list(FIELDS) == [each.name for each in dataclasses.fields(Job)]
    defaults = {each.name for each in dataclasses.fields(Job) if each.name not in REQUIRED}
    job = Job(name="nightly")
    assert [name for name in defaults if not FIELDS[name].has_type(getattr(job, name))] == []
