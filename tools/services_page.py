"""docs/services.md: every field of an entry and a job in services.py, from the classes in config/."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, fields

from config.catalogue import Entry, Job
from config.declarations import ENTRY, JOB, Declaration
from config.entry_fields import shown
from tools import docstrings

INTRODUCTION = """\
# Reference of services.py

<!-- make generate writes this page from config/catalogue.py, config/job.py and their fields -->

`services.py` has a tuple of entries, one for each service. An entry is all that a service needs: its repository, image,
roles, security group rules, environment and secrets follow. Its size and the ARNs of its secrets are in the
[stack files](stack-file.md). An invalid field is refused before anything changes.

    Entry(name="mailsvc", port=9005, database=True, secrets=("SMTP_PASSWORD",)),

| field | must be | default | meaning |
|---|---|---|---|
"""


JOBS = """
## Jobs

`JOBS`, which may be left out, has a tuple of jobs: tasks that run to their end, when `python -m ops run` or a schedule
starts them. [Jobs](howto/jobs.md) shows how to add, run and watch one.

    JOBS = (Job(name="cleanup", image="mailsvc", command=("-cleanup",), database=True, schedule="cron(0 3 * * ? *)"),)

| field | must be | default | meaning |
|---|---|---|---|
"""


def page() -> str:
    return INTRODUCTION + "\n".join(_rows(Entry, ENTRY)) + "\n" + JOBS + "\n".join(_rows(Job, JOB)) + "\n"


def _rows(kind: type[Entry] | type[Job], declaration: Declaration) -> Iterator[str]:
    meanings = docstrings.of_fields(kind)
    for field in fields(kind):
        factory = field.default_factory
        default = field.default if factory is MISSING else factory()
        text = "required" if default is MISSING else "`{}`" if default == {} else f"`{shown(default)}`"
        yield f"| `{field.name}` | {declaration.fields[field.name].valid} | {text} | {meanings[field.name]} |"
