"""A catalogue that cannot be read ends a command with one message. Every command imports it, most by way of others."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager

from pulumi import RunError


@contextmanager
def guarding() -> Generator[None]:
    """Around the imports of a command: services.py says what is wrong as soon as it is imported."""
    try:
        yield
    except RunError as error:  # it contradicts itself
        sys.exit(str(error))
    except (SyntaxError, TypeError, NameError) as error:  # it is no Python, or an entry has no such field
        if "services.py" not in traceback.format_exc():
            raise
        sys.exit(f"services.py cannot be read: {error}")
