"""What the sections of a stack file have in common."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationInfo, field_validator


class Section(BaseModel):
    """A mapping of the stack file. Unknown keys are rejected, values are not converted."""

    model_config = ConfigDict(
        alias_generator=lambda name: name.replace("_", "-"),
        extra="forbid",
        frozen=True,
        strict=True,
        validate_default=True,
    )

    @field_validator("*")
    @classmethod
    def _record(cls, value: Any, info: ValidationInfo) -> Any:
        """Records each valid value, so that rules between keys run even if other keys are invalid."""
        if info.context is not None:
            info.context.setdefault(cls, {})[info.field_name] = value
        return value
