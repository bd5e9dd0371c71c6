from __future__ import annotations

import pytest
from pulumi import RunError

from components.rollout import require

ARN = "arn:aws:ecs:us-east-1:000000000000:service/mrgnl/promptsvc"
REVISION = "arn:aws:ecs:us-east-1:000000000000:task-definition/mrgnl-promptsvc"


def checked(*, running: str, tasks: int) -> str:
    return require(ARN, name="promptsvc", requested=f"{REVISION}:2", running=running, tasks=tasks)


def test_a_running_task_of_the_requested_revision_is_accepted() -> None:
    assert checked(running=f"{REVISION}:2", tasks=1) == ARN


def test_another_running_revision_is_an_error_that_names_both() -> None:
    with pytest.raises(
        RunError, match="ECS runs mrgnl-promptsvc:1, not mrgnl-promptsvc:2; the deployment was rolled back"
    ):
        checked(running=f"{REVISION}:1", tasks=3)


def test_a_failed_first_deployment_is_an_error_although_there_is_no_other_revision() -> None:
    with pytest.raises(RunError, match="promptsvc: no task of mrgnl-promptsvc:2 runs; the first deployment failed"):
        checked(running=f"{REVISION}:2", tasks=0)
