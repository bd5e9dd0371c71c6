"""What RegisterTaskDefinition accepts of each container.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter

from simulator.aws.ecs_definition import FARGATE, containers, definition, is_for_fargate
from simulator.aws.values import outside, repeated
from simulator.cloud import Request
from simulator.store import Properties

API = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html"
LOGS = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_LogConfiguration.html"
KEY_VALUE = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KeyValuePair.html"
ENVIRONMENT = re.compile(r"[^=\0]+")
SECRET = re.compile(
    r"arn:aws[\w-]*:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@!-]+(:[^:]*){0,3}"
    r"|arn:aws[\w-]*:ssm:[\w-]+:\d{12}:parameter/[\w./-]+|/?[\w.-]+(/[\w.-]+)*"
)
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html"""
AWSLOGS_REQUIRED = ("awslogs-group", "awslogs-region", "awslogs-stream-prefix")
"""The stream prefix only on Fargate."""
AWSLOGS_OPTIONS = {
    *AWSLOGS_REQUIRED,
    *("awslogs-create-group", "awslogs-endpoint", "awslogs-datetime-format", "awslogs-multiline-pattern"),
    *("awslogs-format", "awslogs-create-stream", "awslogs-force-flush-interval-seconds", "awslogs-max-buffered-events"),
    *("mode", "max-buffer-size", "tag", "labels", "labels-regex", "env", "env-regex"),
}
"""ECS's own, and those of Docker's driver: https://docs.docker.com/engine/logging/drivers/awslogs/"""


def each(request: Request) -> Iterator[tuple[str, Properties]]:
    """The well-formed containers by their names."""
    for container in containers(request.inputs):
        yield container.get("name", ""), container


@definition(API)
def names_are_valid(request: Request) -> Iterator[str]:
    """A container has a name of up to 255 letters, numbers, underscores and hyphens."""
    for name, _ in each(request):
        if not re.fullmatch(r"[0-9A-Za-z_-]{1,255}", name):
            yield f"ClientException: Container.name contains invalid characters: {name!r}"


@definition(API, confirmed="nobody")
def names_are_unique(request: Request) -> Iterator[str]:
    """The containers of a task have different names."""
    for name in repeated(name for name, _ in each(request)):
        yield f"ClientException: the container name {name} is not unique"


@definition(API)
def images_are_references(request: Request) -> Iterator[str]:
    """A container has an image: a repository with up to 255 characters, and a tag or a sha256 digest."""
    for name, container in each(request):
        if not (image := container.get("image")):
            yield f"ClientException: Container.image should not be null or empty: {name}"
        elif not re.fullmatch(r"[\w./:#-]{1,255}(@sha256:[0-9A-Fa-f]{64})?", image):
            yield f"ClientException: the image of {name} is no reference: {image!r}"


@definition(API)
def memory_holds_its_reservation(request: Request) -> Iterator[str]:
    """A container reserves no more memory than its limit; neither is below 6 MiB."""
    for name, container in each(request):
        limit, reserved = container.get("memory"), container.get("memoryReservation")
        if limit is not None and reserved is not None and reserved > limit:
            yield f"ClientException: memoryReservation {reserved} of {name} is above its memory {limit}"
        for key in ("memory", "memoryReservation"):
            # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html
            if key in container and container[key] < 6:
                yield f"ClientException: {key} of {name} must be at least 6 MiB, not {container[key]}"
        if container.get("cpu", 0) < 0:
            yield f"ClientException: cpu of {name} must not be negative: {container['cpu']}"


def _names(container: Properties, key: str) -> list[str]:
    return [variable.get("name", "") for variable in container.get(key, [])]


@definition(KEY_VALUE, confirmed="nobody")
def variables_have_names(request: Request) -> Iterator[str]:
    """A variable has a name, without an equals sign."""
    for container_name, container in each(request):
        for name in (*_names(container, "environment"), *_names(container, "secrets")):
            if not ENVIRONMENT.fullmatch(name):
                yield f"ClientException: {name!r} is no name of an environment variable, in {container_name}"


# https://github.com/dagster-io/dagster/issues/11622
@definition(KEY_VALUE, confirmed="recorded answer")
def secrets_share_no_name(request: Request) -> Iterator[str]:
    """A secret has a name that no other secret and no variable of its container has."""
    for _, container in each(request):
        for name in repeated([*_names(container, "secrets"), *{*_names(container, "environment")}]):
            yield f"ClientException: the secret name must be unique and not shared with an environment variable: {name}"


@definition("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Secret.html")
def secrets_are_references(request: Request) -> Iterator[str]:
    """A secret is the ARN of a secret, with up to three fields more, or a parameter of Systems Manager."""
    for name, container in each(request):
        for secret in container.get("secrets", []):
            if not SECRET.fullmatch(secret["valueFrom"]):
                yield f"ClientException: 'valueFrom' of the secret {secret['name']} in {name} is no ARN of a secret"


@definition(LOGS)
def the_log_driver_has_its_options(request: Request) -> Iterator[str]:
    """Fargate logs with awslogs, splunk or awsfirelens; awslogs has a group and a region, there also a prefix."""
    for name, container in each(request):
        if not (configuration := container.get("logConfiguration")):
            continue
        driver, options = configuration["logDriver"], configuration.get("options", {})
        if is_for_fargate(request.inputs) and driver not in ("awslogs", "splunk", "awsfirelens"):
            yield f"ClientException: Fargate does not support the log driver {driver} of {name}: use awslogs"
        if driver == "awslogs":
            for option in AWSLOGS_REQUIRED if is_for_fargate(request.inputs) else AWSLOGS_REQUIRED[:2]:
                if not options.get(option):
                    yield f"ClientException: the log driver awslogs of {name} requires the option {option}"
            for option in sorted(options.keys() - AWSLOGS_OPTIONS):
                yield f"ClientException: the log driver awslogs of {name} has no option {option}"
            if options.get("mode", "blocking") not in ("blocking", "non-blocking"):
                yield f"ClientException: mode must be blocking or non-blocking, not {options['mode']!r}, in {name}"
            if not re.fullmatch(r"\d+[kmg]?b?", options.get("max-buffer-size", "1m"), re.IGNORECASE):
                yield f"ClientException: max-buffer-size {options['max-buffer-size']!r} is no size, in {name}"


@definition("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html")
def health_checks_are_within_their_limits(request: Request) -> Iterator[str]:
    """A health check begins with CMD or CMD-SHELL and a command; its times and retries have limits."""
    limits = [("interval", 5, 300), ("timeout", 2, 60), ("retries", 1, 10), ("startPeriod", 0, 300)]
    for name, container in each(request):
        check = container.get("healthCheck", {})
        for problem in outside("ClientException", check, limits):
            yield f"{problem}, in the health check of {name}"
        command = check.get("command", ["NONE"])
        if command != ["NONE"] and (len(command) < 2 or command[0] not in ("CMD", "CMD-SHELL")):
            yield f"ClientException: the health check of {name} must begin with CMD or CMD-SHELL and have a command"


@definition(API)
def timeouts_are_within_their_limits(request: Request) -> Iterator[str]:
    """On Fargate a container may take 120 s to start or to stop; it restarts after 60 to 1800 s."""
    for name, container in each(request):
        if is_for_fargate(request.inputs):
            limits = [("startTimeout", 2, 120), ("stopTimeout", 0, 120)]
            for problem in outside("ClientException", container, limits):
                yield f"{problem}, in {name}"
        restart = container.get("restartPolicy", {})
        for problem in outside("ClientException", restart, [("restartAttemptPeriod", 60, 1800)]):
            yield f"{problem}, in the restart policy of {name}"


UNSUPPORTED = (
    "disableNetworking",
    "dnsSearchDomains",
    "dnsServers",
    "dockerSecurityOptions",
    "extraHosts",
    "hostname",  # not in the network mode awsvpc
    "links",
    "privileged",
    "resourceRequirements",
)


@definition(FARGATE)
def fargate_supports_the_parameters(request: Request) -> Iterator[str]:
    """A container on Fargate is not privileged, has no DNS, links and host names of its own, and no devices."""
    if not is_for_fargate(request.inputs):
        return
    for name, container in each(request):
        linux = container.get("linuxParameters", {})
        for key in UNSUPPORTED:
            if container.get(key):
                yield f"ClientException: Fargate does not support {key}, in {name}"
        for key in ("devices", "tmpfs", "sharedMemorySize", "maxSwap", "swappiness"):
            if linux.get(key):
                yield f"ClientException: Fargate does not support linuxParameters.{key}, in {name}"


CAPABILITIES = frozenset(
    """
    ALL AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH
    FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE
    NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE
    SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG SYSLOG WAKE_ALARM
    """.split()  # noqa: SIM905, it reads as a list of words
)
"""https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html"""


@definition("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_KernelCapabilities.html")
def capabilities_are_ones_of_linux(request: Request) -> Iterator[str]:
    """A capability is one of Linux; on Fargate only SYS_PTRACE can be added."""
    for name, container in each(request):
        capabilities = container.get("linuxParameters", {}).get("capabilities", {})
        for capability in [*capabilities.get("add", []), *capabilities.get("drop", [])]:
            if capability.removeprefix("CAP_") not in CAPABILITIES:
                yield f"ClientException: {capability!r} is no Linux capability, in {name}"
        added = [each for each in capabilities.get("add", []) if each.removeprefix("CAP_") != "SYS_PTRACE"]
        if added and is_for_fargate(request.inputs):
            yield f"ClientException: Fargate lets {name} add no capability but SYS_PTRACE, not {', '.join(added)}"


@definition(API)
def users_have_their_form(request: Request) -> Iterator[str]:
    """A user is a name or a number, perhaps with a group."""
    for name, container in each(request):
        if (user := container.get("user")) and not re.fullmatch(r"[\w.][\w.-]*(:[\w.][\w.-]*)?", user):
            yield f"ClientException: the user {user!r} of {name} is not of the form user, user:group, uid or uid:gid"


@definition("https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Ulimit.html", confirmed="nobody")
def soft_limits_are_below_hard_ones(request: Request) -> Iterator[str]:
    """A soft limit is not above its hard limit, of which -1 is none."""
    for name, container in each(request):
        for limit in container.get("ulimits", []):
            if limit["softLimit"] > limit["hardLimit"] >= 0:
                yield f"ClientException: the soft limit of {limit['name']} is above its hard limit, in {name}"


DEPENDENCY = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html"


@definition(DEPENDENCY)
def conditions_can_be_met(request: Request) -> Iterator[str]:
    """A container waits for the health of one with a health check, and for the end of one that is not essential."""
    found = dict(each(request))
    for name, container in found.items():
        for dependency in container.get("dependsOn", []):
            other, condition = dependency["containerName"], dependency["condition"]
            if other not in found or other == name:
                continue
            if condition == "HEALTHY" and not found[other].get("healthCheck"):
                yield f"ClientException: {name} waits for {other} to be HEALTHY, which has no healthCheck"
            elif condition in ("COMPLETE", "SUCCESS") and found[other].get("essential", True):
                yield f"ClientException: {name} waits for {condition} of {other}, which is essential and must not end"


@definition(DEPENDENCY, confirmed="nobody")
def dependencies_have_an_order(request: Request) -> Iterator[str]:
    """A container depends on others of its task, in no circle."""
    found = dict(each(request))
    for name, container in found.items():
        for other in (dependency["containerName"] for dependency in container.get("dependsOn", [])):
            if other not in found or other == name:
                yield f"ClientException: {name} depends on {other}, which is no other container of the task"
    try:
        graph = {
            name: {each["containerName"] for each in one.get("dependsOn", [])} - {name} for name, one in found.items()
        }
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        yield f"ClientException: the containers depend on each other in a circle: {' → '.join(error.args[1])}"
