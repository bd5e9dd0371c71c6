"""A job of the catalogue: a task that runs to its end, by a schedule or when somebody starts it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from config.entry_fields import shown
from config.field_problems import Subject
from config.problems import did_you_mean
from config.services_file import Found


@dataclass(frozen=True, kw_only=True)
class Job:
    """One task that runs to its end: what it runs, what it uses, and when it starts.

    A declaration grants access, as an entry's does. A job has no Service Connect name and resolves none: it reaches the
    database, the bucket and the web, but no service.
    """

    name: str
    """Of the job and, after the stack's prefix, of its task definition, log group and repository. A rename replaces
    them all."""
    image: str = ""
    """The service whose image it runs, at the digest that the stack runs. Empty: an image of its own, which is built,
    pinned and promoted as that of a service."""
    command: tuple[str, ...] = ()
    """The arguments of the image's entry point. Required with the image of a service, which would start otherwise."""
    database: bool = False
    """Whether it gets DATABASE_URL and may connect to PostgreSQL."""
    bucket: bool = False
    """Whether it gets S3_BUCKET and may read, write and delete the objects of the bucket."""
    environment: Mapping[str, str] = field(default_factory=dict[str, str])
    """Environment variables, the same in every stack. No secrets: they show in every diff."""
    secrets: tuple[str, ...] = ()
    """Environment variables with secrets of this job. Each stack file that runs the job sets their ARNs."""
    schedule: str = ""
    """When it starts. Empty: only by `python -m ops run`. A run that is still going on does not keep the next one from
    starting: docs/howto/jobs.md."""
    time_zone: str = "UTC"
    """Of the schedule."""

    @property
    def pin(self) -> str:
        """The service or job whose image it runs, by which `images` of a stack file pins it."""
        return self.image or self.name


LOGINS = Job(name="logins")
"""The job of the program itself that creates the logins of the services: components/logins.py."""


def problems(jobs: Sequence[Subject], services: Collection[str]) -> Iterator[Found]:
    """The problems of the values. `services`: the names of the entries."""
    for each in jobs:
        yield from each.fields()
        yield from _problems_of(each, services)
        yield from each.variables()
    valid = [each for each in jobs if "name" not in each.invalid]
    counts = Counter(each.value.name for each in valid)
    for name, count in counts.items():
        line = [each.line("name") for each in valid if each.value.name == name][-1]
        if count > 1:
            yield Found(line, f"{count} jobs have the name {name}. Each job needs its own.")
        if name in services:
            yield Found(line, f"{name} is the name of a service and of a job. Each needs its own.")


def _problems_of(subject: Subject, services: Collection[str]) -> Iterator[Found]:
    job: Job = subject.value
    invalid = subject.invalid
    if "image" not in invalid and job.image and job.image not in services:
        text = f"no such service.{did_you_mean(job.image, services)} The services are {', '.join(sorted(services))}."
        yield subject.found("image", f"is {shown(job.image)}: {text}")
    elif not {"image", "command"} & invalid and job.image and not job.command:
        valid = subject.declaration.fields["command"].valid
        text = f"missing. It must be {valid}, as the image of {job.image} would start the service without it."
        yield Found(subject.line("command"), f"{subject.label}.command: {text}")
    if not {"schedule", "time_zone"} & invalid and not job.schedule and job.time_zone != "UTC":
        yield subject.found("time_zone", f"is {shown(job.time_zone)}: only a job with a schedule has a time zone.")
