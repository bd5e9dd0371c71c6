"""A hook that runs one task, to its end, before a parameter gets a new value."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pulumi
from botocore.exceptions import BotoCoreError, ClientError
from pulumi import Output, ResourceHook, ResourceHookArgs, ResourceHookBinding

from components.platform import Platform
from components.security_group import SecurityGroup
from config.problems import UserError
from ecs import clients, run_task
from ecs.container import Logs
from ecs.run_task import NotStartedError, Outcome, Run

STARTS = 2
"""How often a task is started whose container never ran: for seconds, AWS refuses a role whose policy is new.
https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency"""


def run_on(
    platform: Platform,
    *,
    task_definition: Output[str] | None,
    security_group: SecurityGroup,
    logs: Logs,
    container: str,
    stream_prefix: str,
    started_by: str,
) -> Output[Run]:
    """One task of this revision in the stack's network. `started_by` is the logical name of the parameter."""
    return Output.all(
        cluster=platform.cluster.arn,
        task_definition=task_definition,
        subnets=platform.network.task_subnet_ids,
        group=security_group.id,
        log_group=logs.group,
    ).apply(
        lambda known: Run(
            cluster=known["cluster"],
            task_definition=known["task_definition"],
            subnets=known["subnets"],
            security_groups=[known["group"]],
            assign_public_ip=platform.network.tasks_have_public_addresses,
            container=container,
            log_group=known["log_group"],
            stream_prefix=stream_prefix,
            started_by=started_by,
        )
    )


@dataclass(frozen=True, kw_only=True)
class TaskHook:
    """Before the parameter is created or changed, the task must end with exit code 0: else it keeps its value.

    An aws.ssm.Parameter that the task's success is recorded in has the hook, an `insecure_value`, which previews show,
    and depends on all that the task needs. A value that the parameter ever had runs no task again: AWS keeps the
    last 100. So a retry after a success runs none, and neither does a rollback.
    https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-versions.html

    The engine calls the hook, not in previews: https://www.pulumi.com/docs/iac/concepts/resources/options/hooks/
    """

    name: str
    """Unique in the program."""
    owner: str
    """Begins each message: the service."""
    task: str
    """What the task is, such as `migration`."""
    effect: str
    """What a failure means, after `so`."""
    advice: str
    """The commands that end a failure."""
    run: Output[Run]
    """Known once everything exists that the parameter depends on."""
    parameter: str
    """Its name in AWS."""
    region: str
    timeout: int
    """Seconds; then the task is stopped."""

    @property
    def binding(self) -> ResourceHookBinding:
        hook = ResourceHook(self.name, self._call)
        return ResourceHookBinding(before_create=[hook], before_update=[hook])

    async def _call(self, args: ResourceHookArgs) -> None:
        value = (args.new_inputs or {})["insecureValue"]
        run = await self.run.future()
        # In a thread: this one runs the program and the hooks of all resources.
        await asyncio.to_thread(self._require, value, run)

    def _require(self, value: str, run: Run | None) -> None:
        """Raises UserError unless the task of this value ends with exit code 0, now or earlier."""
        assert run, self.run  # noqa: S101 - only a preview knows less
        try:
            if value in former_values(clients.client("ssm", self.region), self.parameter):
                self._report(f"done before for {value}")
                return
            self._report(f"begins for {value}")
            outcome = self._outcome(run)
        except (NotStartedError, BotoCoreError, ClientError) as error:
            raise UserError(f"{self._failed}: {str(error).rstrip('.')}. {self.advice}") from None
        if not outcome.succeeded:
            raise UserError(f"{self._failed}: {self._problem(outcome, run)}")
        self._report("completed")

    @property
    def _failed(self) -> str:
        return f"{self.owner}: the {self.task} failed, so {self.effect}"

    def _outcome(self, run: Run) -> Outcome:
        """Waits for the task that a killed update left, if one still runs, instead of starting another."""
        ecs, logs = clients.client("ecs", self.region), clients.client("logs", self.region)
        waiting = _Waiting()
        running = run_task.running(ecs, run)
        for attempt in range(1, STARTS + 1):
            arn, running = running or run_task.start(ecs, run), ""
            outcome = run_task.wait(
                ecs,
                logs,
                run,
                arn,
                timeout=max(self.timeout - waiting.seconds, 0),
                pause=waiting.pause,
                report=lambda status, task=arn: self._report(f"task {task.rpartition('/')[2]} is {status}"),
            )
            if not outcome.never_started or attempt == STARTS:
                return outcome
        raise AssertionError

    def _problem(self, outcome: Outcome, run: Run) -> str:
        if outcome.timed_out:
            why = f"it took longer than {self.timeout // 60} minutes and was stopped"
        elif outcome.never_started:
            why = outcome.reason or "its container did not start"
        else:
            why = f"exit code {outcome.exit_code} ({outcome.reason})"
        if not outcome.lines:
            return f"{why}. It wrote no log. {self.advice}"
        lines = "".join(f"\n    {each}" for each in outcome.lines)
        return f"{why}. The end of its log, {run.stream(outcome.arn)} in {run.log_group}:{lines}\n{self.advice}"

    def _report(self, text: str) -> None:
        pulumi.log.info(f"{self.owner}: {self.task}: {text}")


def former_values(ssm: Any, parameter: str) -> Iterator[str]:
    """The values that a parameter has or had, at most 100; none if there is no such parameter.

    https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameterHistory.html
    """
    request: dict[str, Any] = {"Name": parameter}
    while True:
        try:
            page = ssm.get_parameter_history(**request)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ParameterNotFound":
                raise
            return
        yield from (each["Value"] for each in page["Parameters"])
        if not page.get("NextToken"):
            return
        request["NextToken"] = page["NextToken"]


@dataclass
class _Waiting:
    """Counts the seconds of all waits."""

    seconds: float = 0

    def pause(self, seconds: float) -> None:
        clients.pause(seconds)
        self.seconds += seconds
