"""`python -m promotion`."""

import sys

from catalogue_guard import guarding

with guarding():
    from promotion.cli import main

sys.exit(main())
