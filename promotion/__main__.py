"""`python -m promotion`."""

import sys

from pulumi import RunError

try:
    from promotion.cli import main
except RunError as error:  # the catalogue contradicts itself: services.py says so as soon as it is imported
    sys.exit(str(error))

sys.exit(main())
