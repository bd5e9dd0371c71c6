"""`python -m simulator`."""

import os
import sys

from pulumi import RunError

try:
    from simulator.cli import main
except RunError as error:  # the catalogue contradicts itself: services.py says so as soon as it is imported
    sys.exit(str(error))

code = main()
sys.stdout.flush()
sys.stderr.flush()
# Without Python's own farewell, which takes thousands of classes apart one by one.
os._exit(code)
