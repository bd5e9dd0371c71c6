"""`python -m ops`."""

from simulator.process import run

run("ops.cli")
