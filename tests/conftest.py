"""Settings of the processes that run tests."""

from __future__ import annotations

import gc

from hypothesis import settings

# Thousands of tests and the modules that they import live as long as the process. With Python's own thresholds, the
# repeated collections that find nothing to free among them took a third of the time of the program tests.
# https://docs.python.org/3.11/library/gc.html#gc.set_threshold
gc.set_threshold(50_000, 10, 10)

# The same examples in each run. https://hypothesis.readthedocs.io/en/latest/reference/api.html#hypothesis.settings.derandomize
settings.register_profile("repeatable", derandomize=True)
settings.load_profile("repeatable")
