"""What services.py declares: entries in SERVICES and jobs in JOBS, each with its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from config import entry_fields, job_fields
from config.entry_fields import Field


@dataclass(frozen=True, kw_only=True)
class Declaration:
    """A class, and the tuple in services.py that lists its objects."""

    kind: str
    """The name of the class."""
    listed: str
    """The name of the tuple."""
    article: str
    many: str
    """The objects, in a message."""
    fields: Mapping[str, Field]
    required: tuple[str, ...]
    """The fields without a default."""
    example: str
    """Arguments of a valid call."""

    @property
    def valid(self) -> str:
        """What the tuple must be."""
        return f"must be a tuple of {self.many}, such as ({self.kind}(...),)."


ENTRY = Declaration(
    kind="Entry",
    listed="SERVICES",
    article="an",
    many="entries",
    fields=entry_fields.FIELDS,
    required=entry_fields.REQUIRED,
    example='name="authsvc", port=9001',
)
JOB = Declaration(
    kind="Job",
    listed="JOBS",
    article="a",
    many="jobs",
    fields=job_fields.FIELDS,
    required=job_fields.REQUIRED,
    example='name="cleanup", image="authsvc", command=("-cleanup",)',
)
DECLARATIONS = (ENTRY, JOB)
