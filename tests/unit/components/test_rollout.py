from __future__ import annotations

import pytest
from pulumi import RunError

from components.rollout import require

ARN = "arn:aws:ecs:us-east-1:000000000000:service/mrgnl/promptsvc"
REVISION = "arn:aws:ecs:us-east-1:000000000000:task-definition/mrgnl-promptsvc"


def checked(*, running: str, tasks: int) -> str:
    return require(ARN, name="promptsvc", asked=f"{REVISION}:2", running=running, tasks=tasks)


def test_the_revision_that_was_asked_for_and_runs_is_enough() -> None:
    assert checked(running=f"{REVISION}:2", tasks=1) == ARN


def test_another_revision_is_named_beside_the_one_that_was_asked_for() -> None:
    with pytest.raises(RunError, match="ECS runs mrgnl-promptsvc:1, not mrgnl-promptsvc:2 as asked"):
        checked(running=f"{REVISION}:1", tasks=3)


def test_a_first_rollout_that_failed_is_not_green_though_nothing_was_there_to_roll_back_to() -> None:
    with pytest.raises(RunError, match="promptsvc: no task of mrgnl-promptsvc:2 runs: its first rollout failed"):
        checked(running=f"{REVISION}:2", tasks=0)
