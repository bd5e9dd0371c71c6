"""`python -m review`."""

from simulator.process import run

run("review.cli")
