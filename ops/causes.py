"""The known causes of a failed rollout, by what ECS, the load balancer and the service say: the first that matches.

ECS's words are in its pages `stopped-task-error-codes`, `service-event-messages-list` and those beside the causes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

GUIDE = "https://docs.aws.amazon.com/AmazonECS/latest/developerguide"
PULL = f"{GUIDE}/task_cannot_pull_image.html"
STOPPED = f"{GUIDE}/stopped-task-error-codes.html"
EVENTS = f"{GUIDE}/service-event-messages-list.html"
PAUSE = f"{GUIDE}/pause-lifecycle-hooks.html"
EXIT_CODES = "https://repost.aws/knowledge-center/ecs-task-stopped"
TARGETS = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html"
START = "a-service-that-does-not-start"
FAILURE = "after-a-failure"
DENIED = r"not authorized|AccessDenied|access denied|denied:|403 Forbidden|no basic auth credentials"
UNREACHED = r"i/o timeout|timed out|request cancell?ed|RequestCanceled|deadline exceeded|no such host|connection issue"


@dataclass(frozen=True, kw_only=True)
class Cause:
    pattern: str
    """A regular expression; case does not matter."""
    text: str
    """What happened, in a sentence."""
    fix: str
    """What to do: the place to change, or the command. `{service}` and `{stack}` are filled in."""
    page: str
    """The page of AWS."""
    anchor: str = START
    """The heading in docs/runbook.md."""

    def matches(self, evidence: Iterable[str]) -> bool:
        return any(re.search(self.pattern, each, re.IGNORECASE) for each in evidence)


def explain(evidence: Iterable[str]) -> Cause | None:
    """The first cause of CAUSES that matches one of the lines; None if no known one does."""
    lines = list(evidence)
    return next((each for each in CAUSES if each.matches(lines)), None)


AGAIN = "then `pulumi up --refresh`."
NETWORK = f"Compare `network.egress` in the stack file with the subnets' routes, endpoints and security groups, {AGAIN}"

CAUSES = (
    Cause(
        pattern=rf"CannotPullContainerError.*({DENIED})",
        text="The execution role may not pull the image.",
        fix="For an image of another account: `build.consumers` of the stack that builds it must have this account. "
        f"Otherwise: the policy of the role {{service}}-task-execution, {AGAIN}",
        page=PULL,
    ),
    Cause(
        pattern=r"CannotPullContainerError.*(platform|was built for)",
        text="The image is for another processor than the task.",
        fix=f"Give the stack that builds the image and this one the same `architecture`, {AGAIN}",
        page=PULL,
    ),
    Cause(
        pattern=r"CannotPullContainerError.*(not found|does not exist|manifest unknown|MANIFEST_UNKNOWN)",
        text="The image is not in ECR: somebody or a lifecycle rule deleted it.",
        fix="Build it again: `pulumi up --refresh` with `--replace URN`, the URN of {service}-image-build. In a stack"
        " that pins images: promote another one.",
        page=PULL,
        anchor=FAILURE,
    ),
    Cause(
        pattern=rf"CannotPullContainerError.*({UNREACHED})",
        text="The task does not reach ECR.",
        fix=NETWORK,
        page=PULL,
    ),
    Cause(
        pattern=r"CannotPullContainerError|CannotPullImageManifestError",
        text="The image cannot be pulled.",
        fix=f"The reason is in ECS's words below. Remove it, {AGAIN}",
        page=PULL,
    ),
    Cause(
        pattern=r"ResourceInitializationError.*(ResourceNotFoundException|can't find)",
        text="A secret does not exist, or has no value.",
        fix="`aws secretsmanager put-secret-value --secret-id ARN --secret-string file:///dev/stdin`, or correct its"
        f" ARN in `secrets.{{service}}` of the stack file, {AGAIN}",
        page=f"{GUIDE}/secrets-envvar-secrets-manager.html",
        anchor="a-secret-of-a-service",
    ),
    Cause(
        pattern=r"ResourceInitializationError.*(json key|unexpected ARN format)",
        text="The reference to a secret names a key or a version that it does not have.",
        fix=f"Correct `secrets.{{service}}` in the stack file, {AGAIN}",
        page=f"{GUIDE}/secrets-envvar-secrets-manager.html",
        anchor="a-secret-of-a-service",
    ),
    Cause(
        pattern=rf"ResourceInitializationError.*({DENIED})",
        text="The execution role may not read a secret, use its key, or write to the log group.",
        fix="A key of your own must allow the role {service}-task-execution to decrypt; a secret's own policy must not"
        f" deny it. Remove the cause, {AGAIN}",
        page=f"{GUIDE}/task_execution_IAM_role.html",
    ),
    Cause(
        pattern=r"ResourceInitializationError.*(log ?group|logger args|logging driver)",
        text="The log group does not exist.",
        fix="`pulumi up --refresh` creates it again.",
        page=f"{GUIDE}/using_awslogs.html",
        anchor=FAILURE,
    ),
    Cause(
        pattern=rf"ResourceInitializationError.*({UNREACHED}|retried|reachable endpoint|route|egress rule)",
        text="The task does not reach Secrets Manager, ECR or CloudWatch Logs.",
        fix=NETWORK,
        page=STOPPED,
    ),
    Cause(
        pattern=r"ResourceInitializationError",
        text="Fargate cannot prepare the task.",
        fix=f"The reason is in ECS's words below. Remove it, {AGAIN}",
        page=STOPPED,
    ),
    Cause(
        pattern=r"unable to assume the role",
        text="ECS may not use a role of the task.",
        fix="`pulumi up --refresh` writes its trust policy again.",
        page=f"{GUIDE}/task-iam-roles.html",
        anchor=FAILURE,
    ),
    Cause(
        pattern=r"OutOfMemory|out of memory",
        text="The service used more memory than its task has.",
        fix="Increase `sizes.{service}.memory` in the stack file, or revert the commit that uses more.",
        page=f"{GUIDE}/out-of-memory.html",
    ),
    Cause(
        pattern=r"exec format error",
        text="The program in the image is for another processor than the task.",
        fix=f"Give the stack that builds the image and this one the same `architecture`, {AGAIN}",
        page=STOPPED,
    ),
    Cause(
        pattern=r"CannotStartContainerError|CannotCreateContainerError|ContainerRuntimeTimeoutError",
        text="The container cannot be started from this image.",
        fix="The image must have the program, the user and the memory that the task definition names: see its"
        " Dockerfile, and ECS's words below.",
        page=f"{GUIDE}/cannot-start-container.html",
    ),
    Cause(
        pattern=r"password authentication failed",
        text="The database refuses the password that the task has.",
        fix=f"Increment `database.password-revision` in the stack file, {AGAIN} With own logins, first"
        " `python -m ops run STACK logins`, which sets the passwords of all logins again.",
        page="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Troubleshooting.html",
        anchor="a-new-database-password",
    ),
    Cause(
        pattern=r"Capacity is unavailable|no Spot capacity|SpotInterruption|Spot Task was interrupted",
        text="Fargate had no capacity for the task, or took it back.",
        fix="Set `spot: 0` in the stack file, add a zone to `network.zones`, or wait: ECS tries again by itself.",
        page=EVENTS,
    ),
    Cause(
        pattern=r"limit on the number of (vCPUs|tasks)|configuration is above your limit|concurrent(ly)? .*limit",
        text="The account's quota of Fargate is reached: a rollout needs twice the tasks.",
        fix="`aws service-quotas list-service-quotas --service-code fargate` shows it. Raise it, or lower `sizes`.",
        page=f"{GUIDE}/service-quotas.html",
    ),
    Cause(
        pattern=r"because of the service deployment configuration|lets it start none",
        text="The deployment may neither start nor stop a task.",
        fix="Somebody changed the service's percentages: `pulumi up --refresh` sets them again.",
        page=EVENTS,
        anchor=FAILURE,
    ),
    Cause(
        pattern=r"operations are being throttled",
        text="ECS limits how often this account starts tasks.",
        fix="Wait: ECS tries again by itself.",
        page=EVENTS,
    ),
    Cause(
        pattern=r"unable to place|RESOURCE:|no container instance met",
        text="ECS found no place for the task.",
        fix="`pulumi up --refresh` restores the service's capacity providers; for RESOURCE:ENI or addresses, use larger"
        " subnets: `network.cidr`.",
        page=EVENTS,
    ),
    Cause(
        pattern=r"pause hook TIMED_OUT",
        text="Nobody approved the deployment in time.",
        fix="`pulumi up --refresh` deploys it again, and waits for `python -m ops approve {stack} {service}`.",
        page=PAUSE,
        anchor=FAILURE,
    ),
    Cause(
        pattern=r"pause hook FAILED",
        text="Somebody rejected the deployment.",
        fix="Ask who and why, and revert the commit; otherwise `pulumi up --refresh` deploys it again.",
        page=PAUSE,
        anchor=FAILURE,
    ),
    Cause(
        pattern=r"alarm (.* )?(detected|triggered)|triggered alarm",
        text="An alarm ended the deployment.",
        fix="The alarm's text says what it measures, `python -m ops logs {stack}` what the services wrote. If the"
        f" release is at fault, revert its commit; once the cause is gone, {AGAIN.removeprefix('then ')}",
        page=f"{GUIDE}/deployment-alarm-failure.html",
        anchor="alerts",
    ),
    Cause(
        pattern=r"failed container health checks",
        text="The container's health check failed: the service did not answer `-healthcheck` in time.",
        fix="If the image does not support it: `probe: false` in the stack file. Otherwise see the last lines of its"
        f" log for what it waits for; fix it, {AGAIN}",
        page=f"{GUIDE}/healthcheck.html",
    ),
    Cause(
        pattern=r"ResponseCodeMismatch",
        text="The service answers the load balancer's health check with another code than 200.",
        fix=f"Compare `health_path` of the entry in services.py with what the service answers there, {AGAIN}",
        page=TARGETS,
    ),
    Cause(
        pattern=r"failed ELB health checks|is unhealthy in \(target-group|Target\.(Timeout|FailedHealthChecks)",
        text="The service does not answer the load balancer's health check in time.",
        fix="See `ingress.health` in the stack file, `health_path` and `port` of the entry, and the last lines of"
        f" its log, {AGAIN}",
        page=f"{GUIDE}/troubleshoot-service-load-balancers.html",
    ),
    Cause(
        pattern=r"no such host|name resolution|could not resolve|was not in the namespace",
        text="A name does not resolve: the task is older than the Service Connect name of a service that it calls.",
        fix="`python -m ops restart {stack} {service}` starts new tasks.",
        page=f"{GUIDE}/service-connect-concepts-deploy.html",
    ),
    Cause(
        pattern=r"connection (to .* times out|to .* is refused|refused|timed out)",
        text="The service does not reach what it needs when it starts: the database, or a service that it calls.",
        fix="If that one is healthy (`python -m ops status {stack}`): `pulumi up --refresh` restores the security group"
        " rules.",
        page="https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html",
    ),
    Cause(
        pattern=r"exit code 139",
        text="The process crashed: segmentation fault.",
        fix="Revert the commit; the last lines of its log may say more.",
        page=EXIT_CODES,
    ),
    Cause(
        pattern=r"exit code 137",
        text="The process was killed: it did not end within 35 seconds of SIGTERM, or used too much memory.",
        fix="If its memory was full (`python -m ops status {stack}`, alarms): increase `sizes.{service}.memory`.",
        page=EXIT_CODES,
    ),
    Cause(
        pattern=r"exit code (?!0\b)\d+|Essential container in task exited",
        text="The process ended by itself.",
        fix="The last lines of its log say why. Fix or revert the commit, then `pulumi up --refresh`.",
        page=EXIT_CODES,
        anchor=FAILURE,
    ),
    Cause(
        pattern=r"UserInitiated|STOP_REQUESTED|ROLLBACK_REQUESTED",
        text="Somebody stopped the deployment or its tasks.",
        fix="Ask who and why; to deploy again, increment `redeploy.{service}` in the stack file, then"
        " `pulumi up --refresh`.",
        page=f"{GUIDE}/stop-service-deployment.html",
        anchor=FAILURE,
    ),
)
"""The more specific cause first."""
