"""`python -m simulator`."""

from simulator.process import run

run("simulator.cli")
