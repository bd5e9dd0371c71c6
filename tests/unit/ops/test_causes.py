"""The known causes, on the messages that AWS documents and on those of the simulated cloud."""

from __future__ import annotations

import re

import pytest

from ops.causes import CAUSES, Cause, explain
from tests.declared import ROOT

PULLS = "CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref"
SECRETS = "ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed"
MESSAGES = {
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
    f"{PULLS} 1.dkr.ecr.us-east-1.amazonaws.com/mcp@sha256:1: not found": "The image is not in ECR",
    f"{PULLS} docker.io/library/x: dial tcp 34.205.13.154:443: i/o timeout": "The task does not reach ECR",
    "CannotPullContainerError: AccessDeniedException: User: arn is not authorized to perform ecr:BatchGetImage": (
        "The execution role may not pull"
    ),
    "CannotPullContainerError: image Manifest does not contain descriptor matching platform 'linux/amd64'": (
        "The image is for another processor"
    ),
    "CannotPullContainerError: ref pull has been retried 1 time(s)": "The image cannot be pulled",
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
    f"{SECRETS}: ResourceNotFoundException: Secrets Manager can't find the specified secret": "A secret does not",
    f"{SECRETS}: AccessDeniedException: not authorized to perform: secretsmanager:GetSecretValue": (
        "The execution role may not read a secret"
    ),
    f"{SECRETS}: service call has been retried 3 time(s): RequestCanceled: context deadline exceeded": (
        "The task does not reach Secrets Manager"
    ),
    f"{SECRETS}: retrieved secret from Secrets Manager did not contain json key KEY": "The reference to a secret",
    "ResourceInitializationError: failed to validate logger args: The task cannot find the log group": (
        "The log group does not exist"
    ),
    "ResourceInitializationError: failed to invoke EFS utils commands": "Fargate cannot prepare the task",
    "CannotStartContainerError: failed to get container status": "The container cannot be started",
    "ECS was unable to assume the role 'arn:aws:iam::1:role/x' that was provided": "ECS may not use a role",
    "ServiceSchedulerInitiated: Task failed container health checks": "The container's health check failed",
    "ServiceSchedulerInitiated: Task failed ELB health checks in (target-group arn)": "The service does not answer",
    "OutOfMemoryError: Container killed due to memory usage": "The service used more memory",
    "SpotInterruption: Your Spot Task was interrupted.": "Fargate had no capacity",
    "UserInitiated: Task stopped by user": "Somebody stopped",
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html
    "service (x) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in"
    " a different availability zone.": "Fargate had no capacity",
    "service (x) was unable to place a task. Reason: You've reached the limit on the number of tasks you can run"
    " concurrently": "The account's quota",
    "service (x) was unable to place a task. Reason: You've reached the limit on the number of vCPUs you can run"
    " concurrently": "The account's quota",
    "service (x) was unable to place a task. Reason: The requested CPU configuration is above your limit.": (
        "The account's quota"
    ),
    "service (x) was unable to place a task because no container instance met all of its requirements.": (
        "ECS found no place"
    ),
    "service (x) was unable to stop or start tasks during a deployment because of the service deployment configuration."
    " Update the minimumHealthyPercent or maximumPercent value and try again.": "The deployment may neither start",
    "service (x) operations are being throttled. Will try again later.": "ECS limits how often",
    "(service x) (task 1) (port 80) is unhealthy in (target-group arn) due to (reason Request timed out)": (
        "The service does not answer"
    ),
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    "Target.ResponseCodeMismatch Health checks failed with these codes: [404]": "The service answers the load balancer",
    "Target.Timeout Request timed out": "The service does not answer",
    # https://repost.aws/knowledge-center/ecs-task-stopped
    "exit code 139": "The process crashed",
    "exit code 137": "The process was killed",
    "exit code 1": "The process ended by itself",
    "exit code 127": "The process ended by itself",
    # what services write
    "exec /service: exec format error": "The program in the image",
    'FATAL: password authentication failed for user "marginalia"': "The database refuses the password",
    "dial tcp: lookup authsvc: no such host": "A name does not resolve",
    "dial tcp 10.20.0.5:5432: connect: connection refused": "The service does not reach",
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
    "(service mcp) (deployment ecs-svc/1) deployment failed: alarm detected.": "An alarm ended the deployment",
    # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
    "pause hook TIMED_OUT": "Nobody approved the deployment in time",
    "pause hook FAILED": "Somebody rejected the deployment",
    "triggered alarm mrgnl-gateway-5xx": "An alarm ended the deployment",
}


@pytest.mark.parametrize("message", MESSAGES, ids=lambda message: message[:60])
def test_a_documented_message_has_a_known_cause(message: str) -> None:
    cause = explain(["(service x) has reached a steady state.", message])
    assert cause is not None
    assert cause.text.startswith(MESSAGES[message])


@pytest.mark.parametrize("message", ["exit code 0", "(service x) has started 1 tasks: (task 1).", ""])
def test_a_message_of_a_rollout_that_goes_well_has_no_cause(message: str) -> None:
    assert explain([message]) is None


def test_a_more_specific_cause_comes_before_the_exit_code() -> None:
    cause = explain(
        ["EssentialContainerExited: Essential container in task exited", "exit code 137", "OutOfMemoryError"]
    )
    assert cause is not None
    assert cause.text == "The service used more memory than its task has."


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.text)
def test_a_cause_names_a_page_of_aws_a_heading_of_the_runbook_and_what_to_do(cause: Cause) -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "docs" / "runbook.md").read_text(), re.MULTILINE)
    assert cause.anchor in {re.sub(r"[^\w -]", "", each.lower()).replace(" ", "-") for each in headings}
    assert re.match(r"https://(docs\.aws\.amazon\.com|repost\.aws)/", cause.page)
    assert "{" not in cause.fix.format(service="mcp", stack="dev")


def test_every_cause_is_found_by_a_message() -> None:
    """A cause that an earlier one always hides is dead."""
    found = {cause.text for each in MESSAGES if (cause := explain([each]))}
    assert {each.text for each in CAUSES} == found
