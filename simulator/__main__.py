"""`python -m simulator`."""

from simulator.cli import main
from simulator.process import leave

leave(main())
