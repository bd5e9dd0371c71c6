"""The section `debug` of a stack file: the toolbox of the tasks that `python -m ops debug` starts."""

from __future__ import annotations

from pydantic import Field

from config.fields import ImageReference
from config.section import Section

TOOLBOX_EXAMPLE = f"111122223333.dkr.ecr.us-east-1.amazonaws.com/toolbox@sha256:{64 * '0'}"


class Debug(Section):
    image: ImageReference = Field(examples=[TOOLBOX_EXAMPLE])
    """The toolbox, for the stack's architecture: an image with `/bin/sh`, `sleep`, `script`, `cat` and what a person
    debugs with, such as `psql`. It is no image of a service: docs/howto/debug.md says how to provide it."""
    minutes: int = Field(default=60, ge=5, le=720)
    """After which a debug task ends by itself, at the latest."""
