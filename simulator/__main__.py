"""`python -m simulator`."""

import os
import sys

from catalogue_guard import guarding

with guarding():
    from simulator.cli import main

code = main()
sys.stdout.flush()
sys.stderr.flush()
# Without Python's own farewell, which takes thousands of classes apart one by one.
os._exit(code)
