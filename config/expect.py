"""The section `expect` of a stack file: the use that the cost is estimated of."""

from __future__ import annotations

from pydantic import Field

from config.section import Section


class Expect(Section):
    requests_per_day: int | None = Field(default=None, ge=0, examples=[1_000_000])
    """Requests to the public service."""
    gigabytes_out: int | None = Field(default=None, ge=0, examples=[100])
    """GB a month from the public service to the internet."""
    logs_gigabytes: int | None = Field(default=None, ge=0, examples=[20])
    """GB a month of logs in CloudWatch, of all services and the database."""

    @property
    def values(self) -> dict[str, int]:
        """By key."""
        return self.model_dump(by_alias=True, exclude_none=True)
