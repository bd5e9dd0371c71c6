from tests.unit.ops.operated import operated
from tests.unit.simulator.conftest import promptsvc, world

__all__ = ["operated", "promptsvc", "world"]
