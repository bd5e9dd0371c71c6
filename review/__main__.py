"""`python -m review`."""

from review.cli import main
from simulator.process import leave

leave(main())
