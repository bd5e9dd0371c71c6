from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from ecs.fargate import Size
from services import CATALOGUE, Catalogue, Entry
from settings import Settings, SettingsError, parse
from tests.declared import COMMITTED, REGION, ROOT, SMALL_STACK

ARN = f"arn:aws:secretsmanager:{REGION}:000000000000:secret:key-AbCdEf"
SIGNED = Catalogue([Entry(name="authsvc", port=9001, secrets=("SIGNING_KEY",))])
"""A catalogue with a service that names a secret of its own."""


def image(service: str, tail: str = f"@sha256:{'a' * 64}") -> str:
    return f"000000000000.dkr.ecr.{REGION}.amazonaws.com/mrgnl-{service}{tail}"


def read(said: str = "", *, region: str = REGION, catalogue: Catalogue = CATALOGUE, root: Path = ROOT) -> Settings:
    """The small stack file with this YAML in place of its keys; a key that is null is left out."""
    merged: dict[str, Any] = {**yaml.safe_load(SMALL_STACK), **(yaml.safe_load(said) or {})}
    text = json.dumps({key: value for key, value in merged.items() if value is not None})
    return parse(text, region=region, file="Pulumi.test.yaml", catalogue=catalogue, root=root)


def refusal(*args: Any, **kwargs: Any) -> list[str]:
    """What is wrong with the stack file, less the file's name, with which every line begins."""
    with pytest.raises(SettingsError) as refused:
        read(*args, **kwargs)
    lines = str(refused.value).splitlines()
    assert all(line.startswith("Pulumi.test.yaml: ") for line in lines)
    return [line.removeprefix("Pulumi.test.yaml: ") for line in lines]


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


@pytest.mark.parametrize("file", COMMITTED, ids=lambda file: file.name)
def test_a_committed_stack_file_is_valid(file: Path, tmp_path: Path) -> None:
    """Wherever the services' sources are: of its build contexts there are folders, and nothing in them."""
    config = yaml.safe_load(file.read_text())["config"]
    said = config["marginalia:stack"]
    root = tmp_path / "mrgnl-infra"
    root.mkdir()
    for name in CATALOGUE.names if said.get("build") else ():
        (root / said["build"]["context"].replace("{service}", name)).mkdir(parents=True, exist_ok=True)
    settings = parse(json.dumps(said), region=config["aws:region"], file=file.name, catalogue=CATALOGUE, root=root)
    assert settings.account == said["account"]


def test_an_ingress_with_a_domain_is_open_to_the_world() -> None:
    ingress = read("ingress: {domain: api.marginalia.sh, zone-id: Z0123456789ABC}").ingress
    assert [str(each) for each in ingress.allowed_cidrs] == ["0.0.0.0/0"]


def test_a_platform_that_waits_for_its_first_promotion_is_valid() -> None:
    settings = read("{images: {}, build: null}")
    assert (settings.build, settings.images) == (None, {})


def test_images_that_are_closed_under_calls_are_valid() -> None:
    images = {name: image(name) for name in ("authsvc", "promptsvc")}
    assert read(yaml.safe_dump({"build": None, "images": images})).images == images


def test_a_service_has_the_size_that_is_said_of_it_else_the_stacks_else_ours() -> None:
    settings = read("sizes: {default: {cpu: 512, memory: 1024, max: 6}, mcp: {memory: 2048, min: 3}}")
    assert settings.size(CATALOGUE["mcp"]) == Size(cpu=512, memory=2048, min=3, max=6)
    assert settings.size(CATALOGUE["authsvc"]) == Size(cpu=512, memory=1024, min=1, max=6)
    assert read().size(CATALOGUE["mcp"]) == Size(cpu=256, memory=512, min=1, max=2)


@pytest.mark.parametrize("tail", ["", ":::", ":::5f1c-version", "::AWSCURRENT:", ":key::"])
def test_a_secret_is_given_in_any_form_that_ecs_knows(tail: str) -> None:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html"""
    said = f'secrets: {{authsvc: {{SIGNING_KEY: "{ARN}{tail}"}}}}'
    assert read(said, catalogue=SIGNED).secrets == {"authsvc": {"SIGNING_KEY": f"{ARN}{tail}"}}


def test_service_in_a_context_stands_for_each_services_name(tmp_path: Path) -> None:
    for name in CATALOGUE.names:
        (tmp_path / f"mrgnl-{name}").mkdir()
    (tmp_path / "mrgnl-infra").mkdir()
    build = read('build: {context: "../mrgnl-{service}"}', root=tmp_path / "mrgnl-infra").build
    assert build
    assert [build.context_of(CATALOGUE[name]) for name in ("mcp", "authsvc")] == ["../mrgnl-mcp", "../mrgnl-authsvc"]


KEYS = (
    "account, architecture, bucket, build, database, images, ingress, insights, log-retention-days, network, prefix,"
    " probe, protect, secrets, sizes, spot"
)
DATABASE = "backup-days, class, multi-az, password-revision, storage"
DAYS = "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653"
DIGITS = "the 12 digits of an AWS account, in quotes"
PREFIX = "2 to 12 lower-case letters, digits and single hyphens"
LETTERS = "lower-case letters, digits and hyphens"
NINE = json.dumps([f"us-east-1{letter}" for letter in "abcdefghi"])
NOBODY = f"no such service; there are {', '.join(CATALOGUE.names)}"
REFERENCE = "<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hex>"
SECRET = "the ARN of a Secrets Manager secret, with :::<version id> when a rotation must be a rollout"
WAY = "either build, to build the images, or images, to run pinned ones"
OPEN = "allowed-cidrs: [203.0.113.0/24]"


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        # Keys that nobody reads, at every depth.
        ("cpu: 256", f"cpu: no such key; the keys are {KEYS}"),
        ("log_retention_days: 30", f"log_retention_days: no such key; the keys are {KEYS}"),
        ("network: {cidr: 10.0.0.0/16, zones: [us-east-1a, us-east-1b], vpc: x}",
         "network.vpc: no such key; the keys are cidr, egress, zones"),
        (f"ingress: {{{OPEN}, health: {{path: /}}}}",
         "ingress.health.path: no such key; the keys are healthy, interval, timeout, unhealthy"),
        ("database: {kind: x}", f"database.kind: no such key; the keys are {DATABASE}"),
        ("database: {instance-class: x}", f"database.instance-class: no such key; the keys are {DATABASE}"),
        ("sizes: {mcp: {ram: 512}}", "sizes.mcp.ram: no such key; the keys are cpu, max, memory, min"),
        # What must be said.
        ("account: null", f"account: missing; {DIGITS}"),
        ("network: null", "network: missing; the keys are cidr, egress, zones"),
        ("bucket: {}", f"bucket.name: missing; 3 to 63 {LETTERS}"),
        # Texts.
        ('account: "1234"', f'account is "1234": {DIGITS}'),
        (r'account: "000000000000\n"', rf'account is "000000000000\n": {DIGITS}'),
        ("prefix: Mrgnl", f'prefix is "Mrgnl": {PREFIX}'),
        ("prefix: marginalia-dev", f'prefix is "marginalia-dev": {PREFIX}'),
        ("prefix: mrgnl--x", f'prefix is "mrgnl--x": {PREFIX}'),
        ("prefix: m", f'prefix is "m": {PREFIX}'),
        (
            'account: "111122223333"\nbuild: {context: image/sample, consumers: ["000000000001"]}',
            'build.consumers is "000000000001": a real account, as this stack\'s own is; or none: []',
        ),
        ("bucket: {name: My_Bucket}", f'bucket.name is "My_Bucket": 3 to 63 {LETTERS}'),
        ("database: {class: t4g}", 'database.class is "t4g": an RDS instance class, such as db.t4g.micro'),
        ('build: {context: image/sample, consumers: ["1"]}', f'build.consumers.0 is "1": {DIGITS}'),
        ("ingress: {}",
         "ingress.allowed-cidrs: from where HTTP is allowed; there is no default without a domain"),
        ("ingress: {domain: api.marginalia.sh, zone-id: Z0123456789ABC, allowed-cidrs: []}",
         "ingress.allowed-cidrs is []: the list should have at least 1 item, not 0"),
        (f"ingress: {{{OPEN}, domain: API}}", 'ingress.domain is "API": a domain, such as api.marginalia.sh'),
        ("ingress: {domain: api.marginalia.sh, zone-id: z}",
         'ingress.zone-id is "z": the id of a Route 53 hosted zone, such as Z0123456789ABC'),
        # One of few.
        ("architecture: arm", "architecture is \"arm\": must be 'x86-64' or 'arm64'"),
        ("network: {cidr: 10.0.0.0/16, zones: [us-east-1a, us-east-1b], egress: vpn}",
         "network.egress is \"vpn\": must be 'public', 'endpoints', 'nat' or 'nat-per-zone'"),
        ("log-retention-days: 31", f"log-retention-days is 31: must be {DAYS}"),
        # Numbers, their bounds, and truth.
        ("spot: 101", "spot is 101: must be less than or equal to 100"),
        ("spot: -1", "spot is -1: must be greater than or equal to 0"),
        ('spot: "10"', 'spot is "10": must be a valid integer'),
        ("spot: 1.5", "spot is 1.5: must be a valid integer"),
        ("database: {storage: 19}", "database.storage is 19: must be greater than or equal to 20"),
        ("database: {backup-days: 36}", "database.backup-days is 36: must be less than or equal to 35"),
        (f"ingress: {{{OPEN}, idle-timeout: 30}}", "ingress.idle-timeout is 30: must be greater than or equal to 60"),
        ('protect: "yes"', 'protect is "yes": must be a valid boolean'),
        ("probe: 1", "probe is 1: must be a valid boolean"),
        # The network.
        ("network: {cidr: 10.0.0.0/24, zones: [us-east-1a, us-east-1b]}",
         'network.cidr is "10.0.0.0/24": a range between /16 and /23'),
        ("network: {cidr: 10.0.0.0/15, zones: [us-east-1a, us-east-1b]}",
         'network.cidr is "10.0.0.0/15": a range between /16 and /23'),
        ("network: {cidr: 10.0.0.0/16, zones: [us-east-1a]}",
         'network.zones is ["us-east-1a"]: the list should have at least 2 items, not 1'),
        (f"network: {{cidr: 10.0.0.0/16, zones: {NINE}}}",
         f"network.zones is {NINE}: the list should have at most 8 items, not 9"),
        ("network: {cidr: 10.0.0.0/16, zones: [us-east-1a, eu-west-1b]}",
         'network.zones is "eu-west-1b": different zones of aws:region, such as us-east-1a'),
        (f"ingress: {{{OPEN}, health: {{interval: 5, timeout: 30}}}}",
         'ingress.health.timeout is 30: less than the interval'),
        (f"ingress: {{{OPEN}, health: {{interval: 5}}}}", 'ingress.health.timeout is 5: less than the interval'),
        # Sizes.
        ("sizes: {mcp: {memory: 700}}",
         'sizes.mcp is {"memory": 700}: with cpu 256, memory is one of 512, 1024, 2048'),
        ("sizes: {default: {cpu: 512, memory: 1024}, mcp: {cpu: 4096}}",
         'sizes.mcp is {"cpu": 4096, "memory": 1024}: with cpu 4096, memory is 8192 to 30720 in steps of 1024'),
        ("sizes: {default: {cpu: 300}}",
         'sizes.default is {"cpu": 300}: cpu is one of 256, 512, 1024, 2048, 4096, 8192, 16384'),
        ("sizes: {mcp: {min: 3, max: 2}}", 'sizes.mcp is {"min": 3, "max": 2}: 1 <= min (3) <= max (2) <= 5000'),
        ("sizes: {gateway: {min: 1}}", f"sizes.gateway: {NOBODY}"),
        # Images.
        (f"images: {{authsvc: {image('authsvc')}}}", f'images is {{"authsvc": "{image("authsvc")}"}}: {WAY}'),
        ("build: null", f"images: {WAY}"),
        (f"{{build: null, images: {{authsvc: {image('authsvc', ':1.2')}}}}}",
         f'images.authsvc is "{image("authsvc", ":1.2")}": {REFERENCE}'),
        (f"{{build: null, images: {{authsvc: {image('authsvc', '')}}}}}",
         f'images.authsvc is "{image("authsvc", "")}": {REFERENCE}'),
        (f"{{build: null, images: {{gateway: {image('mcp')}}}}}", f"images.gateway: {NOBODY}"),
        # Secrets.
        (f"secrets: {{authsvc: {{KEY: '{ARN}'}}}}", "secrets.authsvc.KEY: authsvc names no such secret in services.py"),
        ("secrets: {authsvc: {KEY: my-secret}}", f"secrets.authsvc.KEY: {SECRET}"),
        ("secrets: {gateway: {}}", f"secrets.gateway: {NOBODY}"),
    ],
)  # fmt: skip
def test_a_wrong_stack_file_is_refused_in_one_clear_line(said: str, fault: str) -> None:
    assert refusal(said) == [f"marginalia:stack.{fault}"]


def test_a_secret_that_the_stack_file_does_not_give_is_refused_for_a_service_that_it_runs() -> None:
    assert refusal(catalogue=SIGNED) == [
        "marginalia:stack.secrets.authsvc.SIGNING_KEY: missing: the ARN of this secret"
    ]


def test_no_secret_is_wanted_for_a_service_that_the_stack_does_not_run() -> None:
    assert read("{build: null, images: {}}", catalogue=SIGNED).secrets == {}


def test_a_domain_without_its_zone_is_refused() -> None:
    assert refusal("ingress: {domain: api.marginalia.sh}") == [
        "marginalia:stack.ingress.zone-id: domain and zone-id go together"
    ]


def test_a_zone_without_a_domain_is_refused() -> None:
    assert refusal(f"ingress: {{{OPEN}, zone-id: Z0123456789ABC}}") == [
        'marginalia:stack.ingress.zone-id is "Z0123456789ABC": domain and zone-id go together'
    ]


def test_images_that_lack_a_callee_are_refused_and_each_callee_is_named() -> None:
    assert refusal(f"{{build: null, images: {{mcp: {image('mcp')}, authsvc: {image('authsvc')}}}}}") == [
        f"marginalia:stack.images.{name}: an image of {name}, which mcp calls: promote it first"
        for name in sorted(set(CATALOGUE["mcp"].calls) - {"authsvc"})
    ]


def test_a_missing_context_is_refused_with_the_name_of_its_service() -> None:
    two = CATALOGUE.only(["authsvc", "chatsvc"])
    assert refusal('build: {context: "../nowhere/{service}"}', catalogue=two) == [
        f'marginalia:stack.build.context is "../nowhere/{name}": an existing folder to build {name} in'
        for name in ("authsvc", "chatsvc")
    ]


@pytest.mark.parametrize(
    ("region", "shown"),
    [
        ("", ""),
        ("us-east", ' is "us-east"'),
        ("cn-north-1", ' is "cn-north-1"'),
        ("us-gov-west-1", ' is "us-gov-west-1"'),
    ],
)
def test_a_missing_or_wrong_region_is_refused(region: str, shown: str) -> None:
    # What follows from it for the zones is noise that may go.
    assert refusal(region=region)[0] == f"aws:region{shown}: a region of the partition aws, such as us-east-1"


def test_a_stack_file_that_says_nothing_of_ours_is_told_all_that_it_must_say() -> None:
    assert refusal("{account: null, build: null, bucket: null, ingress: null, network: null}") == [
        f"marginalia:stack.account: missing; {DIGITS}",
        "marginalia:stack.bucket: missing; the keys are name",
        f"marginalia:stack.images: {WAY}",
        "marginalia:stack.ingress: missing; the keys are allowed-cidrs, domain, health, idle-timeout, zone-id",
        "marginalia:stack.network: missing; the keys are cidr, egress, zones",
    ]


def test_faults_of_several_sections_are_reported_at_once() -> None:
    assert refusal("{spot: 101, vpc: x, sizes: {gateway: {}, mcp: {memory: 700}}, database: {storage: 1}}") == [
        "marginalia:stack.database.storage is 1: must be greater than or equal to 20",
        f"marginalia:stack.sizes.gateway: {NOBODY}",
        'marginalia:stack.sizes.mcp is {"memory": 700}: with cpu 256, memory is one of 512, 1024, 2048',
        "marginalia:stack.spot is 101: must be less than or equal to 100",
        f"marginalia:stack.vpc: no such key; the keys are {KEYS}",
    ]


@pytest.mark.parametrize(
    "said",
    [
        "secrets: {authsvc: {SIGNING_KEY: hunter2}}",
        "secrets: {authsvc: {SIGNING_KEY: {value: hunter2}}}",
        "secrets: {authsvc: {SIGNING_KEY: [hunter2]}}",
        "secrets: {authsvc: hunter2}",
        "secrets: hunter2",
        "signing-key: hunter2",
        "database: {password: hunter2}",
    ],
)
def test_a_secret_value_in_a_stack_file_is_refused_and_never_shown(said: str) -> None:
    assert "hunter2" not in "\n".join(refusal(said, catalogue=SIGNED))
