"""The stack file: how big this stack is, and whether it builds its images or runs pinned ones.

The only reader of pulumi.Config. One structured key in, one frozen Settings out, and every default. What is wrong is
refused before anything is declared, all at once, each with the key's path, the value and what would be valid.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Any, Literal, cast

import pulumi
from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator
from pydantic_core import PydanticCustomError

from ecs.fargate import Size
from fields import (
    NAME,
    REGION,
    SIMULATED,
    AccountId,
    Cidr,
    Domain,
    ImageReference,
    RetentionDays,
    SecretReference,
    ZoneId,
    text,
)
from mistakes import KEY, Mistakes
from services import Catalogue, Entry


class SettingsError(pulumi.RunError):
    """The stack file is wrong. The message names every mistake, one a line."""


class _Section(BaseModel):
    model_config = ConfigDict(
        alias_generator=lambda name: name.replace("_", "-"), extra="forbid", frozen=True, strict=True
    )


class Build(_Section):
    context: str = Field(min_length=1)
    """The folder that a service is built in; `{service}` in it stands for the service's name."""
    consumers: tuple[AccountId, ...] = ()
    """Accounts that may pull the images."""

    def context_of(self, entry: Entry) -> str:
        return self.context.replace("{service}", entry.name)


class Network(_Section):
    cidr: Cidr
    zones: tuple[str, ...] = Field(min_length=2, max_length=8)
    egress: Literal["public", "endpoints", "nat", "nat-per-zone"] = "nat"

    @field_validator("cidr")
    @classmethod
    def _can_be_divided(cls, cidr: IPv4Network) -> IPv4Network:
        # It is cut into 16 subnets, none smaller than the /27 that a load balancer wants; AWS allows a /16 at most.
        # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html
        if not 16 <= cidr.prefixlen <= 23:
            raise PydanticCustomError("refused", "a range between /16 and /23")
        return cidr


class Health(_Section):
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
    interval: int = Field(default=15, ge=5, le=300)
    """Seconds."""
    timeout: int = Field(default=5, ge=2, le=120, validate_default=True)
    """Seconds; less than the interval."""
    healthy: int = Field(default=2, ge=2, le=10)
    unhealthy: int = Field(default=3, ge=2, le=10)

    @field_validator("timeout")
    @classmethod
    def _is_less_than_the_interval(cls, timeout: int, info: ValidationInfo) -> int:
        if timeout >= info.data.get("interval", timeout + 1):
            raise PydanticCustomError("refused", "less than the interval")
        return timeout


class Ingress(_Section):
    domain: Domain | None = None
    """The public name; without one the load balancer speaks plain HTTP under its own."""
    zone_id: ZoneId | None = Field(default=None, validate_default=True)
    """The Route 53 hosted zone of the domain, in the same account."""
    allowed_cidrs: tuple[Cidr, ...] = Field(default=(IPv4Network("0.0.0.0/0"),), min_length=1)
    """With a domain the world, unless something else is said; without one it must be said."""
    # https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
    idle_timeout: int = Field(default=120, ge=60, le=4000)
    """Seconds. An event stream pings every 30."""
    health: Health = Health()

    @field_validator("zone_id")
    @classmethod
    def _has_both_or_neither(cls, zone_id: str | None, info: ValidationInfo) -> str | None:
        if "domain" in info.data and (info.data["domain"] is None) != (zone_id is None):
            raise PydanticCustomError("refused", "domain and zone-id go together")
        return zone_id


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
    name: Annotated[str, text("[a-z0-9][a-z0-9-]{1,61}[a-z0-9]", "3 to 63 lower-case letters, digits and hyphens")]


SIZE = {"cpu": 256, "memory": 512, "min": 1, "max": 2}
"""CPU units, MiB and tasks of a service of which nothing is said."""


class SizeChange(_Section):
    """What is said of a size; the rest is the default's."""

    cpu: int | None = None
    memory: int | None = None
    min: int | None = None
    max: int | None = None


class Settings(_Section):
    """What differs between stacks: the stack file's keys, one by one."""

    account: AccountId
    prefix: Annotated[
        str, Field(max_length=12), text(NAME, "2 to 12 lower-case letters, digits and single hyphens")
    ] = "mrgnl"
    protect: bool = False
    build: Build | None = None
    images: dict[str, ImageReference] | None = Field(default=None, validate_default=True)
    architecture: Literal["x86-64", "arm64"] = "x86-64"
    probe: bool = False
    network: Network
    ingress: Ingress
    database: Database = Database()
    bucket: Bucket
    sizes: dict[str, SizeChange] = {}
    spot: int = Field(default=0, ge=0, le=100)
    """Percent of tasks on FARGATE_SPOT."""
    log_retention_days: RetentionDays = 30
    insights: bool = False
    secrets: dict[str, dict[str, SecretReference]] = Field(default={}, validate_default=True)

    def size(self, entry: Entry) -> Size:
        return _size(self.sizes, entry.name)

    @field_validator("network")
    @classmethod
    def _zones_lie_in_the_region(cls, network: Network, info: ValidationInfo) -> Network:
        found = cast(Mistakes, info.context)
        for zone in dict.fromkeys(network.zones) if re.fullmatch(REGION, found.region) else ():
            if not re.fullmatch(rf"{found.region}[a-z]", zone) or network.zones.count(zone) > 1:
                found.refuse("network.zones", zone, f"different zones of aws:region, such as {found.region}a")
        return network

    @field_validator("ingress")
    @classmethod
    def _says_from_where(cls, ingress: Ingress, info: ValidationInfo) -> Ingress:
        found = cast(Mistakes, info.context)
        if ingress.domain is None and "allowed_cidrs" not in ingress.model_fields_set:
            valid = "from where HTTP is allowed; there is no default without a domain"
            found.refuse("ingress.allowed-cidrs", None, valid)
        return ingress

    @field_validator("build")
    @classmethod
    def _can_be_built_and_pulled(cls, build: Build | None, info: ValidationInfo) -> Build | None:
        found = cast(Mistakes, info.context)
        for consumer in build.consumers if build and not SIMULATED.match(info.data.get("account", "0" * 11)) else ():
            if SIMULATED.match(consumer):  # ECR refuses a policy that names an account that nobody has
                found.refuse("build.consumers", consumer, "a real account, as this stack's own is; or none: []")
        for entry in found.catalogue if build else ():
            if build and not (found.root / build.context_of(entry)).is_dir():
                found.refuse("build.context", build.context_of(entry), f"an existing folder to build {entry.name} in")
        return build

    @field_validator("images")
    @classmethod
    def _images_are_closed_under_calls(
        cls, images: dict[str, str] | None, info: ValidationInfo
    ) -> dict[str, str] | None:
        found = cast(Mistakes, info.context)
        if "build" in info.data and (info.data["build"] is None) == (images is None):
            found.refuse("images", images, "either build, to build the images, or images, to run pinned ones")
        for entry in found.known("images", images or {}):
            for callee in sorted(set(entry.calls) - set(images or {})):
                found.refuse(
                    f"images.{callee}", None, f"an image of {callee}, which {entry.name} calls: promote it first"
                )
        return images

    @field_validator("sizes")
    @classmethod
    def _sizes_exist(cls, sizes: dict[str, SizeChange], info: ValidationInfo) -> dict[str, SizeChange]:
        found = cast(Mistakes, info.context)
        named = found.known("sizes", set(sizes) - {"default"})
        for name in ["default", *(entry.name for entry in named)]:
            try:
                _size(sizes, name)
            except ValueError as error:
                found.refuse(f"sizes.{name}", _said_of(sizes, name), str(error))
        return sizes

    @field_validator("secrets")
    @classmethod
    def _secrets_are_those_named(
        cls, secrets: dict[str, dict[str, str]], info: ValidationInfo
    ) -> dict[str, dict[str, str]]:
        found = cast(Mistakes, info.context)
        found.known("secrets", secrets)
        images: dict[str, str] | None = info.data.get("images")
        running = found.catalogue if images is None else images
        for entry in found.catalogue:
            given, named = set(secrets.get(entry.name, {})), set(entry.secrets)
            for name in sorted(given - named):
                found.refuse(f"secrets.{entry.name}.{name}", None, f"{entry.name} names no such secret in services.py")
            for name in sorted(named - given) if entry.name in running else ():
                found.refuse(f"secrets.{entry.name}.{name}", None, "missing: the ARN of this secret")
        return secrets


@cache
def json_schema() -> dict[str, Any]:
    """Of what stands under our key. What holds between keys is not in it."""
    return Settings.model_json_schema()


def load(catalogue: Catalogue, root: Path) -> tuple[Settings, str]:
    """The running stack's settings and region. Raises SettingsError, as parse does."""
    namespace, key = KEY.split(":")
    text = pulumi.Config(namespace).get(key)
    region = pulumi.Config("aws").get("region") or ""
    file = f"Pulumi.{pulumi.get_stack()}.yaml"
    return parse(text, region=region, file=file, catalogue=catalogue, root=root), region


def parse(text: str | None, *, region: str, file: str, catalogue: Catalogue, root: Path) -> Settings:
    """The settings that this JSON says. Raises SettingsError, which names every mistake of the stack file.

    `root` is the folder of the program, which build contexts are relative to; `file` is only for messages.
    """
    found = Mistakes(catalogue=catalogue, root=root, region=region, file=file)
    if not re.fullmatch(REGION, region):
        found.note("aws:region", region or None, "a region of the partition aws, such as us-east-1")
    settings = None
    try:
        settings = Settings.model_validate_json(text or "{}", context=found)
    except ValidationError as error:
        for detail in error.errors():
            found.refuse_field(detail, json_schema())
    if settings is None or found.messages:
        raise SettingsError("\n".join(sorted(found.messages)))
    return settings


def _size(sizes: Mapping[str, SizeChange], name: str) -> Size:
    return Size(**{**SIZE, **_said_of(sizes, name)})


def _said_of(sizes: Mapping[str, SizeChange], name: str) -> dict[str, int]:
    said = [sizes[key].model_dump(exclude_none=True) for key in ("default", name) if key in sizes]
    return {key: value for size in said for key, value in size.items()}
