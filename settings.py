"""The stack file: how big this stack is, and whether it builds its images or runs pinned ones.

The only reader of pulumi.Config. One structured key in, one frozen Settings out, and every default. What is wrong is
refused before anything is declared, all at once, each with the key's path, the value and what would be valid.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import pulumi
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails

from ecs.fargate import Size
from ecs.image import REFERENCE
from services import Catalogue, Entry

KEY = "marginalia:stack"


class SettingsError(pulumi.RunError):
    """The stack file is wrong. The message names every fault, one a line."""


class _Section(BaseModel):
    model_config = ConfigDict(
        alias_generator=lambda name: name.replace("_", "-"), extra="forbid", frozen=True, strict=True
    )


def _text(pattern: str, description: str) -> Any:
    """A field for a whole string of this pattern; the description says what would be valid."""
    return Field(pattern=f"^(?:{pattern})$", description=description)


ImageReference = Annotated[
    str, _text(REFERENCE, "<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hex>")
]
SecretReference = Annotated[
    str,
    _text(
        r"arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}(:[^:]*:[^:]*:[^:]*)?",
        "the ARN of a Secrets Manager secret, with :::<version id> when a rotation must be a rollout",
    ),
]
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
RetentionDays = Literal[
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653
]  # fmt: skip


class Build(_Section):
    context: str = Field(min_length=1)
    """The folder that a service is built in; `{service}` in it stands for the service's name."""

    def context_of(self, entry: Entry) -> str:
        return self.context.replace("{service}", entry.name)


class Network(_Section):
    cidr: IPv4Network
    zones: tuple[str, ...] = Field(min_length=2, max_length=8)
    egress: Literal["nat"] = "nat"

    @field_validator("cidr")
    @classmethod
    def _can_be_divided(cls, cidr: IPv4Network) -> IPv4Network:
        # It is cut into 16 subnets, none smaller than the /27 that a load balancer wants; AWS allows a /16 at most.
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
        if not 16 <= cidr.prefixlen <= 23:
            raise ValueError("a range between /16 and /23")
        return cidr


class Database(_Section):
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.html
    instance_class: str = Field(
        default="db.t4g.micro",
        alias="class",
        pattern=r"^db\.[a-z0-9-]+\.[a-z0-9]+$",
        description="an RDS instance class, such as db.t4g.micro",
    )
    storage: int = Field(default=20, ge=20, le=65536)
    """GiB of gp3: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html"""
    multi_az: bool = False
    backup_days: int = Field(default=1, ge=0, le=35)
    """https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_WorkingWithAutomatedBackups.BackupRetention.html"""
    password_revision: int = Field(default=1, ge=1)
    """Raise it for a new password."""


class Bucket(_Section):
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html less the dots, which break TLS
    name: Annotated[str, _text("[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", "3 to 63 lower-case letters, digits and hyphens")]


class SizeChange(_Section):
    """What is said of a size; the rest is the default's."""

    cpu: int | None = None
    memory: int | None = None
    min: int | None = None
    max: int | None = None


class Settings(_Section):
    """What differs between stacks: the stack file's keys, one by one."""

    account: Annotated[str, _text("[0-9]{12}", "the 12 digits of an AWS account, in quotes")]
    prefix: Annotated[str, _text("[a-z][a-z0-9-]{0,10}[a-z0-9]", "2 to 12 lower-case letters, digits and hyphens")] = (
        "mrgnl"
    )
    protect: bool = False
    build: Build | None = None
    images: dict[str, ImageReference] | None = Field(default=None, validate_default=True)
    architecture: Literal["x86-64", "arm64"] = "x86-64"
    probe: bool = False
    network: Network
    database: Database = Database()
    bucket: Bucket
    sizes: dict[str, SizeChange] = {}
    spot: int = Field(default=0, ge=0, le=100)
    """Percent of tasks on FARGATE_SPOT."""
    log_retention_days: RetentionDays = 30
    insights: bool = False
    secrets: dict[str, dict[str, SecretReference]] = Field(default={}, validate_default=True)

    def size(self, entry: Entry) -> Size:
        return Size(**_size(self.sizes, entry.name))

    @field_validator("network")
    @classmethod
    def _zones_lie_in_the_region(cls, network: Network, info: ValidationInfo) -> Network:
        check = cast(_Check, info.context)
        for zone in network.zones:
            if not re.fullmatch(rf"{check.region}[a-z]", zone) or network.zones.count(zone) > 1:
                check.refuse("network.zones", zone, f"different zones of {check.region}, such as {check.region}a")
        return network

    @field_validator("build")
    @classmethod
    def _every_context_exists(cls, build: Build | None, info: ValidationInfo) -> Build | None:
        check = cast(_Check, info.context)
        for entry in check.catalogue if build else ():
            if build and not (check.root / build.context_of(entry)).is_dir():
                check.refuse("build.context", build.context_of(entry), f"an existing folder to build {entry.name} in")
        return build

    @field_validator("images")
    @classmethod
    def _images_are_closed_under_calls(
        cls, images: dict[str, str] | None, info: ValidationInfo
    ) -> dict[str, str] | None:
        check = cast(_Check, info.context)
        if "build" in info.data and (info.data["build"] is None) == (images is None):
            check.refuse("images", images, "either build, to build the images, or images, to run pinned ones")
        for entry in check.known("images", images or {}):
            for callee in sorted(set(entry.calls) - set(images or {})):
                check.refuse(f"images.{callee}", None, f"an image of {callee}, which {entry.name} calls")
        return images

    @field_validator("sizes")
    @classmethod
    def _sizes_exist(cls, sizes: dict[str, SizeChange], info: ValidationInfo) -> dict[str, SizeChange]:
        check = cast(_Check, info.context)
        named = check.known("sizes", set(sizes) - {"default"})
        for name in ["default", *(entry.name for entry in named)]:
            size = _size(sizes, name)
            try:
                Size(**size)
            except ValueError as error:
                check.refuse(f"sizes.{name}", size, str(error))
        return sizes

    @field_validator("secrets")
    @classmethod
    def _secrets_are_those_named(
        cls, secrets: dict[str, dict[str, str]], info: ValidationInfo
    ) -> dict[str, dict[str, str]]:
        check = cast(_Check, info.context)
        check.known("secrets", secrets)
        running = info.data.get("images") or check.catalogue
        for entry in check.catalogue:
            given, named = set(secrets.get(entry.name, {})), set(entry.secrets)
            for name in sorted(given - named):
                check.refuse(f"secrets.{entry.name}.{name}", None, f"{entry.name} names no such secret in services.py")
            for name in sorted(named - given) if entry.name in running else ():
                check.refuse(f"secrets.{entry.name}.{name}", None, "missing: the ARN of this secret")
        return secrets


def load(catalogue: Catalogue, root: Path) -> tuple[Settings, str]:
    """The running stack's settings and region. Raises SettingsError, as parse does."""
    namespace, key = KEY.split(":")
    text = pulumi.Config(namespace).get(key)
    region = pulumi.Config("aws").get("region") or ""
    file = f"Pulumi.{pulumi.get_stack()}.yaml"
    return parse(text, region=region, file=file, catalogue=catalogue, root=root), region


def parse(text: str | None, *, region: str, file: str, catalogue: Catalogue, root: Path) -> Settings:
    """The settings that this JSON says. Raises SettingsError, which names every fault of the stack file.

    `root` is the folder of the program, which build contexts are relative to; `file` is only for messages.
    """
    check = _Check(catalogue=catalogue, root=root, region=region, file=file)
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-[0-9]", region):
        check.faults.append(f"{file}: aws:region{_shown(region or None)}: the name of a region, such as us-east-1")
    settings = None
    try:
        settings = Settings.model_validate_json(text or "{}", context=check)
    except ValidationError as error:
        for detail in error.errors():
            check.refuse_field(detail)
    if settings is None or check.faults:
        raise SettingsError("\n".join(sorted(check.faults)))
    return settings


@dataclass(frozen=True, kw_only=True)
class _Check:
    """One reading of a stack file: what it is held against, and the faults found so far."""

    catalogue: Catalogue
    root: Path
    region: str
    file: str
    faults: list[str] = field(default_factory=list[str])

    def refuse(self, path: str, value: object, valid: str) -> None:
        """Notes a fault. A value of None is not shown: there is none, or it could be a secret."""
        self.faults.append(f"{self.file}: {KEY}{'.' if path else ''}{path}{_shown(value)}: {valid}")

    def known(self, path: str, names: Iterable[str]) -> list[Entry]:
        """The entries of these names. A name that is not in the catalogue is a fault."""
        for name in names:
            if name not in self.catalogue:
                self.refuse(f"{path}.{name}", None, f"no such service; there are {', '.join(self.catalogue.names)}")
        return [entry for entry in self.catalogue if entry.name in names]

    def refuse_field(self, detail: ErrorDetails) -> None:
        """Notes what Pydantic found, in the words of a stack file."""
        location = [str(step) for step in detail["loc"]]
        path = ".".join(location)
        value = None if location[:1] == ["secrets"] or isinstance(detail["input"], dict) else detail["input"]
        match detail["type"]:
            case "missing":
                self.refuse(path, None, f"missing; {_valid(location)}")
            case "extra_forbidden":
                self.refuse(path, None, f"no such key; {_valid(location[:-1])}")
            case "string_pattern_mismatch":
                self.refuse(path, value, _valid(location))
            case "too_short" | "too_long":
                self.refuse(path, value, detail["msg"].replace("Tuple", "the list").replace(" after validation", ""))
            case _:
                message = detail["msg"].removeprefix("Value error, ").replace("Input should be", "must be")
                self.refuse(path, value, message)


def _shown(value: object) -> str:
    return "" if value is None else f" is {json.dumps(value, default=str)}"


def _size(sizes: Mapping[str, SizeChange], name: str) -> dict[str, int]:
    said = [sizes[key].model_dump(exclude_none=True) for key in ("default", name) if key in sizes]
    return {key: value for size in said for key, value in size.items()}


def _valid(path: Iterable[str]) -> str:
    """What would be valid at this path, in words."""
    schema = Settings.model_json_schema()
    node: dict[str, Any] = schema
    for step in path:
        node = node.get("properties", {}).get(step) or node.get("additionalProperties") or {}
        options: list[dict[str, Any]] = node.get("anyOf", [])
        node = next((option for option in options if option.get("type") != "null"), node)
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rsplit("/", 1)[-1]]
    if "properties" in node:
        return f"the keys are {', '.join(sorted(node['properties']))}"
    return node.get("description", f"a {node.get('type', 'value')}")
