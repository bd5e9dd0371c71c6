"""The failures of the table in docs/runbook.md, as cases of its rows. Each leaves the stack as the row describes it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace

from config.catalogue import Entry
from simulator.aws import ecr
from simulator.events import Step
from tests.engine import killed
from tests.engine.killed import Requests
from tests.failures.runbook import SECRET, Operator
from tests.failures.test_rollout import roll_back_by_hand
from tests.git import commit_all
from tests.images import ACCOUNT, image

Play = Callable[[Operator], object]


@dataclass(frozen=True)
class Case:
    """One way to meet the failure of a row."""

    why: str
    play: Play
    stack: str
    """The fixture with the stack: pinned or dev, deployed; small, not deployed; or bootstrap, the other program."""


CASES: list[Case] = []


def case(why: str, stack: str = "pinned") -> Callable[[Play], Play]:
    """Adds a case of the row that this text names."""

    def add(play: Play) -> Play:
        CASES.append(Case(why, play, stack))
        return play

    return add


@case("AWS refused to change a resource")
def throttled_update(person: Operator) -> None:
    person.edit(log_retention_days=60)
    person.fails("update-fails:authsvc-task-logs")


@case("AWS changed the resource, but not in time")
def slow_update(person: Operator) -> None:
    person.edit(database={"backup-days": 9})
    person.fails("update-unfinished:database-instance")


@case("An update after a failed one did not refresh and changed nothing")
def empty_update(person: Operator) -> None:
    person.edit(insights=True)
    person.fails("update-fails:cluster-cluster")
    assert person.run("up")
    assert not person.pulumi("preview", refresh=True, expect_no_changes=True)


@case("The source may run something else than its last update declared", stack="dev")
def unproven_source(person: Operator) -> None:
    commit_all(person.checkout.root)
    person.edit(log_retention_days=60)
    person.fails("update-fails:promptsvc-task-logs")
    assert person.run("up")
    assert not person.promote()


@case("AWS refused to create a resource")
def throttled_create(person: Operator) -> None:
    person.pin("scrapsvc")
    person.fails("create-fails:scrapsvc-task-logs")


@case("A quota is reached")
def reached_quota(person: Operator) -> None:
    person.pin("scrapsvc")
    person.fails("quota:scrapsvc-access-group")


@case("AWS created the resource, but not in time", stack="small")
def slow_create(person: Operator) -> None:
    person.fails("create-unfinished:database-instance")


@case("The namespace was created, but not recorded", stack="small")
def lost_namespace(person: Operator) -> None:
    person.fails("create-unfinished:cluster-namespace")
    person.fails()


@case("A security group rule was created, but not recorded")
def lost_rule(person: Operator) -> None:
    person.pin("scrapsvc")
    person.fails("create-unfinished:scrapsvc-access-to-database-egress")
    person.fails()


@case("The credentials expired during the update")
def expired_credentials(person: Operator) -> None:
    person.edit(log_retention_days=60, sizes={"promptsvc": {"memory": 2048}})
    person.fails("expired:promptsvc-task-logs")


@case("A policy of a role of CI was attached, but not in time", stack="bootstrap")
def slow_attachment(person: Operator) -> None:
    person.fails("create-unfinished:ci-deploy-read-1")
    person.fails()


@case("A resource was deleted by hand")
def deleted_log_group(person: Operator) -> None:
    person.delete("authsvc-task-logs")
    person.edit(log_retention_days=60)
    person.fails()


@case("An ECS service was deleted by hand")
def deleted_service(person: Operator) -> None:
    person.delete("promptsvc-service")
    person.fails()


@case("A command of the image build failed", stack="dev")
def failed_build(person: Operator) -> None:
    person.edit_source("promptsvc")
    person.fails("update-fails:promptsvc-image-build")


@case("The image was deleted in ECR", stack="dev")
def deleted_image(person: Operator) -> None:
    reference = person.checkout.simulator.outputs("dev")["images"]["promptsvc"]
    person.checkout.forget(ecr.IMAGE, reference)
    person.edit(sizes={"promptsvc": {"memory": 2048}})
    person.fails()


@case("A secret does not exist or has no value")
def missing_secret(person: Operator) -> None:
    def add_secret(entries: dict[str, Entry]) -> None:
        entries["promptsvc"] = replace(entries["promptsvc"], secrets=("SIGNING_KEY",))

    person.checkout.edit_services(add_secret)
    person.edit(secrets={"promptsvc": {"SIGNING_KEY": SECRET}})
    person.fails()


@case("ECS rolled the deployment back, and the cause is gone")
def rolled_back(person: Operator) -> None:
    person.pin("promptsvc", digit="b")
    person.fails("rollback:promptsvc")


@case("ECS rolled the deployment back, and the image or the entry is at fault")
def wrong_revision(person: Operator) -> None:
    unknown = image("promptsvc").replace(ACCOUNT, "000000000009")
    person.edit(images={"authsvc": image("authsvc"), "promptsvc": unknown})
    person.fails()


@case("An alarm of the gateway was raised while ECS deployed it, and the image or the entry is at fault")
def raised_alarm(person: Operator) -> None:
    person.edit(alerts={"emails": ["ops@example.com"]})
    person.pin("scrapsvc", "chatsvc", "mcp")
    assert person.run("up")
    person.commit()
    person.pin("mcp", digit="b")
    person.fails("alarm:mcp")


@case("ECS rolled the deployment back, and the provider did not report it")
def silently_rolled_back(person: Operator) -> None:
    person.pin("promptsvc", digit="b")
    person.fails("silent-rollback:promptsvc")


@case("Somebody rolled the service back with ECS")
def rolled_back_by_hand(person: Operator) -> None:
    person.pin("promptsvc", digit="b")
    assert person.run("up")
    roll_back_by_hand(person.checkout)
    assert person.run("up")


@case("No revision of the service ever ran, and the cause is gone", stack="small")
def never_healthy(person: Operator) -> None:
    person.fails("unhealthy:promptsvc")
    assert person.run("up", refresh=True)


@case("No revision of the service ever ran, and the image or the entry is at fault", stack="small")
def never_right(person: Operator) -> None:
    never_healthy(person)


@case("A deployment of the same revision failed, and no refresh sees it")
def failed_redeploy(person: Operator) -> None:
    person.edit(redeploy={"promptsvc": 1})
    person.fails("update-fails:promptsvc-service")


@case("The rollout takes longer than the update waits")
def slow_rollout(person: Operator) -> None:
    person.pin("promptsvc", digit="b")
    person.fails("in-progress:promptsvc")


@case("An update ran before the former rollout had ended")
def rollout_in_progress(person: Operator) -> None:
    person.pin("promptsvc", digit="b")
    person.fails("in-progress:promptsvc")
    person.fails("in-progress:promptsvc")


@case("Another service must be deployed now")
def one_broken_service(person: Operator) -> None:
    person.pin("promptsvc", digit="b")
    person.fails("rollback:promptsvc")
    person.pin("authsvc", digit="b")


@case("A rotation failed in RDS, which has either password")
def refused_rotation(person: Operator) -> None:
    person.edit(database={"password-revision": 2})
    person.fails("update-fails:database-instance")
    person.fails()


@case("A rotation failed in RDS, which has either password")
def slow_rotation(person: Operator) -> None:
    person.edit(database={"password-revision": 2})
    person.fails("update-unfinished:database-instance")
    person.fails()


@case("RDS has the new password, the services read the former one")
def refused_secret(person: Operator) -> None:
    person.edit(database={"password-revision": 2})
    person.fails("create-fails:database-url-version")


@case("Somebody stopped the update, and Pulumi recorded what was done")
def interrupted_update(person: Operator) -> None:
    def interrupt(step: Step) -> None:
        if step.operation == "create":
            os.kill(os.getpid(), signal.SIGINT)

    person.pin("scrapsvc")
    assert not person.run("up", on_step=interrupt)


@case("An update was killed, and its lock is stale")
def stale_lock(person: Operator) -> None:
    person.edit(log_retention_days=60)
    killed.up(person.checkout, Requests("Update authsvc-task-logs", "after"))
    person.fails()


@case("An update was killed while AWS created a resource")
def killed_create(person: Operator) -> None:
    person.pin("promptsvc", digit="b")
    killed.up(person.checkout, Requests("Create promptsvc-task-definition", "after"))
    person.cancel()
    person.run("up")


@case("Another update runs")
def two_updates(person: Operator) -> None:
    person.edit(log_retention_days=60)
    lock = person.checkout.home.backend / ".pulumi" / "locks" / "organization" / "marginalia" / "dev" / "lock.json"
    lock.parent.mkdir(parents=True, exist_ok=True)
    lock.write_text('{"pid": 1, "username": "a colleague", "hostname": "elsewhere"}')
    person.fails()
    lock.unlink()


@case("AWS did not delete a resource, or not in time")
def refused_and_slow_delete(person: Operator) -> None:
    person.unpin("promptsvc")
    person.fails("delete-fails:promptsvc-service")
    person.fails("delete-unfinished:promptsvc-service")


@case("AWS did not delete a resource of a destroyed stack")
def refused_and_slow_destroy(person: Operator) -> None:
    person.fails("delete-fails:database-instance", operation="destroy")
    person.fails("delete-unfinished:database-instance", operation="destroy")


@case("The stack is protected")
def protected_stack(person: Operator) -> None:
    person.edit(protect=True)
    assert person.run("up")
    person.fails(operation="destroy")
