"""`python -m promotion`."""

import sys
import traceback

from pulumi import RunError

try:
    from promotion.cli import main
except RunError as error:  # the catalogue contradicts itself: services.py says so as soon as it is imported
    sys.exit(str(error))
except (SyntaxError, TypeError, NameError) as error:  # likewise, where it is no Python, or an entry has no such field
    if "services.py" not in traceback.format_exc():
        raise
    sys.exit(f"services.py cannot be read: {error}")

sys.exit(main())
