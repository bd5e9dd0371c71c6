from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecs.fargate import Size
from services import CATALOGUE, Catalogue, Entry
from settings import Settings, SettingsError, parse, schema
from tests.declared import REGION, ROOT, SMALL_STACK

SMALL: dict[str, Any] = yaml.safe_load(SMALL_STACK)
DIGEST = f"sha256:{'a' * 64}"
SECRET_ARN = f"arn:aws:secretsmanager:{REGION}:000000000000:secret:key-AbCdEf"
SIGNED = Catalogue([Entry(name="authsvc", port=9001, secrets=("SIGNING_KEY",))])
"""A catalogue with a service that names a secret of its own."""


def image(service: str, tail: str = f"@{DIGEST}") -> str:
    return f"000000000000.dkr.ecr.{REGION}.amazonaws.com/mrgnl-{service}{tail}"


def read(
    stack: dict[str, Any] | None = None,
    *,
    without: str = "",
    region: str = REGION,
    catalogue: Catalogue = CATALOGUE,
    root: Path = ROOT,
    **sections: dict[str, Any],
) -> Settings:
    """A small valid stack file, with these keys besides, these keys more in its sections, and without those."""
    merged = {**SMALL, **(stack or {}), **{key: {**SMALL.get(key, {}), **more} for key, more in sections.items()}}
    kept = {key: value for key, value in merged.items() if key not in without.split()}
    return parse(json.dumps(kept), region=region, file="Pulumi.test.yaml", catalogue=catalogue, root=root)


def refusal(*args: Any, **kwargs: Any) -> list[str]:
    """What is wrong with the stack file, less what every line begins with."""
    with pytest.raises(SettingsError) as refused:
        read(*args, **kwargs)
    return [line.removeprefix("Pulumi.test.yaml: ") for line in str(refused.value).splitlines()]


def test_a_small_stack_file_gets_the_documented_defaults() -> None:
    assert read().model_dump(mode="json", by_alias=True) == {
        "account": "000000000000",
        "prefix": "mrgnl",
        "protect": False,
        "build": {"context": "image/sample", "consumers": []},
        "images": None,
        "architecture": "x86-64",
        "probe": False,
        "network": {"cidr": "10.20.0.0/16", "zones": ["us-east-1a", "us-east-1b"], "egress": "nat"},
        "ingress": {
            "domain": None,
            "zone-id": None,
            "allowed-cidrs": ["203.0.113.0/24"],
            "idle-timeout": 120,
            "health": {"interval": 15, "timeout": 5, "healthy": 2, "unhealthy": 3},
        },
        "database": {
            "class": "db.t4g.micro",
            "storage": 20,
            "multi-az": False,
            "backup-days": 1,
            "password-revision": 1,
        },
        "bucket": {"name": "marginalia-content-test"},
        "sizes": {},
        "spot": 0,
        "log-retention-days": 30,
        "insights": False,
        "secrets": {},
    }


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_the_committed_stack_files_are_valid(stack: str) -> None:
    config = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    said = config["marginalia:stack"]
    settings = parse(
        json.dumps(said), region=config["aws:region"], file=f"Pulumi.{stack}.yaml", catalogue=CATALOGUE, root=ROOT
    )
    assert settings.account == said["account"]


def test_the_committed_schema_is_that_of_the_settings() -> None:
    assert json.loads((ROOT / "stack.schema.json").read_text()) == json.loads(schema())


def test_an_ingress_with_a_domain_is_open_to_the_world() -> None:
    ingress = read({"ingress": {"domain": "api.marginalia.sh", "zone-id": "Z0123456789ABC"}}).ingress
    assert list(map(str, ingress.allowed_cidrs)) == ["0.0.0.0/0"]


def test_a_platform_that_waits_for_its_first_promotion_is_valid() -> None:
    settings = read({"images": {}}, without="build")
    assert (settings.build, settings.images) == (None, {})


def test_images_that_are_closed_under_calls_are_valid() -> None:
    images = {name: image(name) for name in ("authsvc", "promptsvc")}
    assert read({"images": images}, without="build").images == images


def test_a_service_has_the_size_that_is_said_of_it_else_the_stacks_else_ours() -> None:
    sizes = {"default": {"cpu": 512, "memory": 1024, "max": 6}, "mcp": {"memory": 2048, "min": 3}}
    settings = read({"sizes": sizes})
    assert settings.size(CATALOGUE["mcp"]) == Size(cpu=512, memory=2048, min=3, max=6)
    assert settings.size(CATALOGUE["authsvc"]) == Size(cpu=512, memory=1024, min=1, max=6)
    assert read().size(CATALOGUE["mcp"]) == Size(cpu=256, memory=512, min=1, max=2)


@pytest.mark.parametrize("tail", ["", ":::", ":::5f1c-version", "::AWSCURRENT:", ":key::"])
def test_a_secret_is_given_in_any_form_that_ecs_knows(tail: str) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html"""
    secrets = {"authsvc": {"SIGNING_KEY": f"{SECRET_ARN}{tail}"}}
    assert read({"secrets": secrets}, catalogue=SIGNED).secrets == secrets


def test_a_service_name_in_a_context_stands_for_a_folder_of_each(tmp_path: Path) -> None:
    for name in CATALOGUE.names:
        (tmp_path / f"mrgnl-{name}").mkdir()
    build = read(build={"context": "../mrgnl-{service}"}, root=tmp_path / "mrgnl-infra" / "..").build
    assert build
    assert build.context_of(CATALOGUE["mcp"]) == "../mrgnl-mcp"


KEYS = (
    "account, architecture, bucket, build, database, images, ingress, insights, log-retention-days, network, prefix,"
    " probe, protect, secrets, sizes, spot"
)
SERVICES = "no such service; there are authsvc, chatsvc, mcp, promptsvc, scrapsvc"
REFERENCE = "<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hex>"
ONE_OF_TWO = "either build, to build the images, or images, to run pinned ones"
NINE = [f"us-east-1{letter}" for letter in "abcdefghi"]


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        # Keys that nobody reads, at every depth.
        ({"stack": {"cpu": 256}}, f"cpu: no such key; the keys are {KEYS}"),
        ({"stack": {"log_retention_days": 30}}, f"log_retention_days: no such key; the keys are {KEYS}"),
        ({"network": {"vpc": "x"}}, "network.vpc: no such key; the keys are cidr, egress, zones"),
        (
            {"ingress": {"health": {"path": "/"}}},
            "ingress.health.path: no such key; the keys are healthy, interval, timeout, unhealthy",
        ),
        (
            {"database": {"instance-class": "db.t4g.micro"}},
            "database.instance-class: no such key;"
            " the keys are backup-days, class, multi-az, password-revision, storage",
        ),
        (
            {"stack": {"sizes": {"mcp": {"ram": 512}}}},
            "sizes.mcp.ram: no such key; the keys are cpu, max, memory, min",
        ),
        # What must be said.
        ({"without": "account"}, "account: missing; the 12 digits of an AWS account, in quotes"),
        ({"without": "network"}, "network: missing; the keys are cidr, egress, zones"),
        ({"stack": {"bucket": {}}}, "bucket.name: missing; 3 to 63 lower-case letters, digits and hyphens"),
        # Texts.
        ({"stack": {"account": "1234"}}, 'account is "1234": the 12 digits of an AWS account, in quotes'),
        (
            {"stack": {"account": "000000000000\n"}},
            'account is "000000000000\\n": the 12 digits of an AWS account, in quotes',
        ),
        ({"stack": {"prefix": "Mrgnl"}}, 'prefix is "Mrgnl": 2 to 12 lower-case letters, digits and hyphens'),
        (
            {"stack": {"prefix": "marginalia-dev"}},
            'prefix is "marginalia-dev": 2 to 12 lower-case letters, digits and hyphens',
        ),
        ({"bucket": {"name": "My_Bucket"}}, 'bucket.name is "My_Bucket": 3 to 63 lower-case letters, digits and hyphens'),
        ({"database": {"class": "t4g.micro"}}, 'database.class is "t4g.micro": an RDS instance class, such as db.t4g.micro'),
        (
            {"build": {"consumers": ["1"]}},
            'build.consumers.0 is "1": the 12 digits of an AWS account, in quotes',
        ),
        ({"ingress": {"domain": "API"}}, 'ingress.domain is "API": a domain, such as api.marginalia.sh'),
        (
            {"ingress": {"zone-id": "z"}},
            'ingress.zone-id is "z": the id of a Route 53 hosted zone, such as Z0123456789ABC',
        ),
        # One of few.
        ({"stack": {"architecture": "arm"}}, "architecture is \"arm\": must be 'x86-64' or 'arm64'"),
        (
            {"network": {"egress": "vpn"}},
            "network.egress is \"vpn\": must be 'public', 'endpoints', 'nat' or 'nat-per-zone'",
        ),
        (
            {"stack": {"log-retention-days": 31}},
            "log-retention-days is 31: must be 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827,"
            " 2192, 2557, 2922, 3288 or 3653",
        ),
        # Numbers and their bounds.
        ({"stack": {"spot": 101}}, "spot is 101: must be less than or equal to 100"),
        ({"stack": {"spot": -1}}, "spot is -1: must be greater than or equal to 0"),
        ({"stack": {"spot": "10"}}, 'spot is "10": must be a valid integer'),
        ({"stack": {"spot": 1.5}}, "spot is 1.5: must be a valid integer"),
        ({"database": {"storage": 19}}, "database.storage is 19: must be greater than or equal to 20"),
        ({"database": {"backup-days": 36}}, "database.backup-days is 36: must be less than or equal to 35"),
        ({"ingress": {"idle-timeout": 30}}, "ingress.idle-timeout is 30: must be greater than or equal to 60"),
        ({"stack": {"protect": "yes"}}, 'protect is "yes": must be a valid boolean'),
        ({"stack": {"probe": 1}}, "probe is 1: must be a valid boolean"),
        # The network.
        ({"network": {"cidr": "10.0.0.0/24"}}, 'network.cidr is "10.0.0.0/24": a range between /16 and /23'),
        ({"network": {"cidr": "10.0.0.0/15"}}, 'network.cidr is "10.0.0.0/15": a range between /16 and /23'),
        (
            {"network": {"zones": NINE[:1]}},
            'network.zones is ["us-east-1a"]: the list should have at least 2 items, not 1',
        ),
        (
            {"network": {"zones": NINE}},
            f"network.zones is {json.dumps(NINE)}: the list should have at most 8 items, not 9",
        ),
        (
            {"network": {"zones": ["us-east-1a", "eu-west-1b"]}},
            'network.zones is "eu-west-1b": different zones of us-east-1, such as us-east-1a',
        ),
        # Sizes.
        (
            {"stack": {"sizes": {"mcp": {"memory": 700}}}},
            'sizes.mcp is {"memory": 700}: with cpu 256, memory is one of 512, 1024, 2048',
        ),
        (
            {"stack": {"sizes": {"default": {"cpu": 512, "memory": 1024}, "mcp": {"cpu": 4096}}}},
            'sizes.mcp is {"cpu": 4096, "memory": 1024}:'
            " with cpu 4096, memory is 8192 to 30720 in steps of 1024",
        ),
        (
            {"stack": {"sizes": {"default": {"cpu": 300}}}},
            'sizes.default is {"cpu": 300}: cpu is one of 256, 512, 1024, 2048, 4096, 8192, 16384',
        ),
        ({"stack": {"sizes": {"mcp": {"min": 0, "max": 2}}}}, 'sizes.mcp is {"min": 0, "max": 2}: 1 <= min <= max <= 5000'),
        ({"stack": {"sizes": {"gateway": {"min": 1}}}}, f"sizes.gateway: {SERVICES}"),
        # Images.
        (
            {"stack": {"images": {"authsvc": image("authsvc")}}},
            f'images is {{"authsvc": "{image("authsvc")}"}}: {ONE_OF_TWO}',
        ),
        ({"without": "build"}, f"images: {ONE_OF_TWO}"),
        (
            {"without": "build", "stack": {"images": {"authsvc": image("authsvc", ":latest")}}},
            f'images.authsvc is "{image("authsvc", ":latest")}": {REFERENCE}',
        ),
        (
            {"without": "build", "stack": {"images": {"authsvc": image("authsvc", "")}}},
            f'images.authsvc is "{image("authsvc", "")}": {REFERENCE}',
        ),
        ({"without": "build", "stack": {"images": {"gateway": image("mcp")}}}, f"images.gateway: {SERVICES}"),
        # Secrets.
        (
            {"catalogue": SIGNED, "stack": {"secrets": {}}},
            "secrets.authsvc.SIGNING_KEY: missing: the ARN of this secret",
        ),
        (
            {"stack": {"secrets": {"authsvc": {"OTHER": SECRET_ARN}}}},
            "secrets.authsvc.OTHER: authsvc names no such secret in services.py",
        ),
        ({"stack": {"secrets": {"gateway": {}}}}, f"secrets.gateway: {SERVICES}"),
    ],
)  # fmt: skip
def test_a_wrong_stack_file_is_refused_in_one_clear_line(changes: dict[str, Any], fault: str) -> None:
    assert refusal(**changes) == [f"marginalia:stack.{fault}"]


def test_images_that_lack_a_callee_are_refused_and_each_callee_is_named() -> None:
    assert refusal({"images": {"mcp": image("mcp"), "authsvc": image("authsvc")}}, without="build") == [
        f"marginalia:stack.images.{name}: an image of {name}, which mcp calls"
        for name in ("chatsvc", "promptsvc", "scrapsvc")
    ]


def test_a_missing_context_is_refused_with_the_name_of_its_service() -> None:
    two = CATALOGUE.only(["authsvc", "chatsvc"])
    assert refusal(build={"context": "../nowhere/{service}"}, catalogue=two) == [
        'marginalia:stack.build.context is "../nowhere/authsvc": an existing folder to build authsvc in',
        'marginalia:stack.build.context is "../nowhere/chatsvc": an existing folder to build chatsvc in',
    ]


@pytest.mark.parametrize(("region", "shown"), [("", ""), ("us-east", ' is "us-east"')])
def test_a_missing_or_wrong_region_is_refused(region: str, shown: str) -> None:
    # What follows from it for the zones is noise that may go.
    assert refusal(region=region)[0] == f"aws:region{shown}: the name of a region, such as us-east-1"


def test_a_stack_file_that_says_nothing_of_ours_is_told_all_that_it_must_say() -> None:
    with pytest.raises(SettingsError) as refused:
        parse(None, region=REGION, file="Pulumi.test.yaml", catalogue=CATALOGUE, root=ROOT)
    assert str(refused.value).splitlines() == [
        "Pulumi.test.yaml: marginalia:stack.account: missing; the 12 digits of an AWS account, in quotes",
        "Pulumi.test.yaml: marginalia:stack.bucket: missing; the keys are name",
        f"Pulumi.test.yaml: marginalia:stack.images: {ONE_OF_TWO}",
        "Pulumi.test.yaml: marginalia:stack.ingress: missing;"
        " the keys are allowed-cidrs, domain, health, idle-timeout, zone-id",
        "Pulumi.test.yaml: marginalia:stack.network: missing; the keys are cidr, egress, zones",
    ]


def test_all_faults_are_reported_at_once_with_the_file_on_each_line() -> None:
    with pytest.raises(SettingsError) as refused:
        read(
            {"spot": 101, "vpc": 1, "sizes": {"gateway": {}, "mcp": {"memory": 700}}},
            network={"cidr": "10.0.0.0/24", "zones": ["us-east-1a", "eu-west-1b"]},
            database={"storage": 1},
        )
    assert str(refused.value).splitlines() == [
        "Pulumi.test.yaml: marginalia:stack.database.storage is 1: must be greater than or equal to 20",
        'Pulumi.test.yaml: marginalia:stack.network.cidr is "10.0.0.0/24": a range between /16 and /23',
        'Pulumi.test.yaml: marginalia:stack.sizes.mcp is {"memory": 700}:'
        " with cpu 256, memory is one of 512, 1024, 2048",
        f"Pulumi.test.yaml: marginalia:stack.sizes.gateway: {SERVICES}",
        "Pulumi.test.yaml: marginalia:stack.spot is 101: must be less than or equal to 100",
        f"Pulumi.test.yaml: marginalia:stack.vpc: no such key; the keys are {KEYS}",
    ]
