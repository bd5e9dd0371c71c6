from __future__ import annotations

from typing import Any

import pytest
import yaml

from config.catalogue import Catalogue, CatalogueError, Entry
from tests.declared import CATALOGUE, ROOT

COMPOSE = {
    name
    for name in yaml.safe_load((ROOT / "image" / "compose.yaml").read_text())["services"]
    if not name.endswith("_migrate")  # with an underscore, which no name of a service has
}
"""The services of image/compose.yaml, also those that no entry declares."""


def entry(name: str = "asvc", **changes: Any) -> Entry:
    args: dict[str, Any] = {"name": name, "port": 9001, **changes}
    return Entry(**args)


def gateway(name: str = "web", **changes: Any) -> Entry:
    args: dict[str, Any] = {"port": 8080, "protocol": "http", "public": True, **changes}
    return entry(name, **args)


def problems(*entries: Entry) -> list[str]:
    """The problems of a catalogue with these entries, one per line."""
    with pytest.raises(CatalogueError) as rejected:
        Catalogue(entries)
    return str(rejected.value).splitlines()


def test_the_gateway_gets_the_addresses_of_its_callees_in_the_variables_that_its_code_reads() -> None:
    callees = [CATALOGUE[name] for name in CATALOGUE["mcp"].calls]
    assert {callee.address_variable: callee.address for callee in callees}.items() >= {
        "AUTH_SERVICE": "authsvc:9001",
        "PROMPT_SERVICE": "promptsvc:9002",
        "SCRAP_SERVICE": "scrapsvc:9003",
        "CHAT_SERVICE": "chatsvc:9004",
    }.items()


@pytest.mark.parametrize(("name", "variable"), [("authsvc", "GRPC_PORT"), ("mcp", "HTTP_PORT")])
def test_a_service_reads_its_port_from_the_variable_of_its_protocol(name: str, variable: str) -> None:
    assert CATALOGUE[name].port_variable == variable


@pytest.mark.parametrize(
    ("name", "variable"),
    [
        ("authsvc", "AUTH_SERVICE"),
        ("mcp", "MCP_SERVICE"),
        ("text-searchsvc", "TEXT_SEARCH_SERVICE"),
        ("svcregistry", "SVCREGISTRY_SERVICE"),
    ],
)
def test_the_address_variable_of_a_service_is_its_name_without_svc(name: str, variable: str) -> None:
    assert entry(name).address_variable == variable


LOOP = (
    entry("asvc", calls=("bsvc",)),
    entry("bsvc", port=9002, calls=("csvc",)),
    entry("csvc", port=9003, calls=("asvc",)),
)
NAME = "must be a text of 2 to 20 lower-case letters and digits, a letter first, single hyphens between them."
PORT = "must be a number from 1024 to 65535, as the process is not root."
VARIABLE = "must be upper-case letters, digits and underscores, a letter first."
TWICE = "must be set once."
BY_THE_PROGRAM = "must have another name, as the program sets this one."


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        pytest.param([entry("Asvc")], f'Asvc.name is "Asvc": {NAME}', id="capital"),
        pytest.param([entry("a_svc")], f'a_svc.name is "a_svc": {NAME}', id="underscore"),
        pytest.param([entry("a")], f'a.name is "a": {NAME}', id="short"),
        pytest.param([entry("a" * 21)], f'{"a" * 21}.name is "{"a" * 21}": {NAME}', id="long"),
        pytest.param([entry("1svc")], f'1svc.name is "1svc": {NAME}', id="digit-first"),
        pytest.param([entry("asvc-")], f'asvc-.name is "asvc-": {NAME}', id="hyphen-last"),
        pytest.param([entry("asvc\n")], rf'SERVICES[0].name is "asvc\n": {NAME}', id="line-break"),
        pytest.param([entry(port=1023)], f"asvc.port is 1023: {PORT}", id="port-low"),
        pytest.param([entry(port=65536)], f"asvc.port is 65536: {PORT}", id="port-high"),
        pytest.param(
            [entry(), entry(port=9002)], "2 entries have the name asvc. Each service needs its own.", id="name-twice"
        ),
        pytest.param(
            [entry(), entry("bsvc"), entry("csvc")],
            "asvc and bsvc and csvc have the port 9001. Each service needs its own.",
            id="port-thrice",
        ),
        pytest.param(
            [gateway(protocol="grpc")],
            'web.protocol is "grpc": must be "http" for a public service.',
            id="public-and-grpc",
        ),
        pytest.param(
            [gateway("web"), gateway("api", port=8081)],
            "web, api are public. At most one may be.",
            id="two-public",
        ),
        pytest.param(
            [entry(calls=("web",)), gateway()],
            "asvc.calls: web is public and has no Service Connect name. Remove it from the calls.",
            id="calls-the-public",
        ),
        pytest.param(
            [entry(calls=("nosvc",)), entry("bsvc", port=9002)],
            'asvc.calls has "nosvc": no such service. The services are asvc, bsvc.',
            id="calls-nobody",
        ),
        pytest.param(
            [entry(calls=("asvc",))], "the calls form a cycle: asvc -> asvc. Remove one of them.", id="calls-itself"
        ),
        pytest.param([entry(environment={"Level": "info"})], f'asvc: variable "Level": {VARIABLE}', id="variable"),
        pytest.param([entry(environment={"_X": "1"})], f'asvc: variable "_X": {VARIABLE}', id="underscore-first"),
        pytest.param([entry(secrets=("api-key",))], f'asvc: variable "api-key": {VARIABLE}', id="secret"),
        pytest.param(
            [entry(environment={"KEY": "x"}, secrets=("KEY",))],
            f'asvc: variable "KEY": {TWICE}',
            id="secret-in-plain",
        ),
        pytest.param([entry(secrets=("KEY", "KEY"))], f'asvc: variable "KEY": {TWICE}', id="secret-twice"),
        pytest.param(
            [entry(environment={"AUTH_SERVICE": "x"})],
            f'asvc: variable "AUTH_SERVICE": {BY_THE_PROGRAM}',
            id="an-address",
        ),
        *(
            pytest.param([entry(environment={name: "x"})], f'asvc: variable "{name}": {BY_THE_PROGRAM}', id=name)
            for name in ("GRPC_PORT", "HTTP_PORT", "S3_BUCKET", "DATABASE_URL")
        ),
        pytest.param(
            [entry(secrets=("DATABASE_URL",))], f'asvc: variable "DATABASE_URL": {BY_THE_PROGRAM}', id="own-database"
        ),
    ],
)
def test_an_invalid_catalogue_is_rejected_with_the_location_of_the_problem(entries: list[Entry], problem: str) -> None:
    assert problems(*entries) == [f"services.py: {problem}"]


def test_a_call_cycle_is_rejected_with_its_path() -> None:
    # TopologicalSorter may start the cycle at any of its members.
    assert problems(*LOOP)[0] in {
        f"services.py: the calls form a cycle: {path}. Remove one of them."
        for path in (
            "asvc -> bsvc -> csvc -> asvc",
            "bsvc -> csvc -> asvc -> bsvc",
            "csvc -> asvc -> bsvc -> csvc",
        )
    }


def test_two_services_with_the_same_address_variable_are_rejected() -> None:
    with pytest.raises(CatalogueError):
        Catalogue(
            [entry("auth"), entry("authsvc", port=9002), entry("csvc", port=9003, calls=("auth", "authsvc"))],
        )


def test_the_address_variable_of_a_service_named_svc_keeps_the_name() -> None:
    assert entry("svc").address_variable == "SVC_SERVICE"


@pytest.mark.parametrize(
    "valid",
    [
        pytest.param(entry("ab"), id="short"),
        pytest.param(entry("a" * 20), id="long"),
        pytest.param(entry("a-1"), id="hyphen-and-digit"),
        pytest.param(entry(port=1024), id="port-low"),
        pytest.param(entry(port=65535), id="port-high"),
        pytest.param(entry(environment={"LOG_LEVEL2": "info"}, secrets=("KEY",)), id="variables"),
        pytest.param(gateway(), id="public"),
        pytest.param(entry(protocol="http"), id="http-inside"),
    ],
)
def test_an_entry_at_a_bound_is_accepted(valid: Entry) -> None:
    assert list(Catalogue([valid])) == [valid]


def test_all_problems_are_reported_at_once() -> None:
    assert problems(
        entry("Asvc", port=80, environment={"level": "x"}),
        entry("bsvc", calls=("nosvc",), secrets=("DATABASE_URL",)),
        entry("csvc", calls=("csvc", "web")),
        gateway(protocol="grpc"),
    ) == [
        f'services.py: Asvc.name is "Asvc": {NAME}',
        f"services.py: Asvc.port is 80: {PORT}",
        f'services.py: Asvc: variable "level": {VARIABLE}',
        'services.py: bsvc.calls has "nosvc": no such service. The services are Asvc, bsvc, csvc, web.',
        f'services.py: bsvc: variable "DATABASE_URL": {BY_THE_PROGRAM}',
        'services.py: web.protocol is "grpc": must be "http" for a public service.',
        "services.py: bsvc and csvc have the port 9001. Each service needs its own.",
        "services.py: csvc.calls: web is public and has no Service Connect name. Remove it from the calls.",
        "services.py: the calls form a cycle: csvc -> csvc. Remove one of them.",
    ]


def test_callees_come_before_their_callers_in_any_order_of_entries() -> None:
    chain = Catalogue(
        [entry("asvc", calls=("bsvc",)), entry("bsvc", port=9002, calls=("csvc",)), entry("csvc", port=9003)]
    )
    assert [each.name for each in chain] == ["csvc", "bsvc", "asvc"]


def test_every_callee_of_the_committed_catalogue_comes_before_its_caller() -> None:
    order = [each.name for each in CATALOGUE]
    assert all(order.index(callee) < order.index(each.name) for each in CATALOGUE for callee in each.calls)


def test_a_catalogue_can_be_limited_to_some_of_its_services() -> None:
    two = CATALOGUE.only(["chatsvc", "authsvc"])
    assert two.names == ("authsvc", "chatsvc")
    assert two["authsvc"] is CATALOGUE["authsvc"]
    assert "mcp" not in two
    assert "mcp" in CATALOGUE


def test_a_catalogue_limited_to_no_services_is_empty() -> None:
    assert CATALOGUE.only([]).names == ()


def test_a_caller_without_its_callees_is_rejected() -> None:
    with pytest.raises(CatalogueError) as rejected:
        CATALOGUE.only(["mcp", "authsvc", "chatsvc"])
    assert str(rejected.value).splitlines() == [
        f'services.py: mcp.calls has "{callee}": no such service. The services are authsvc, chatsvc, mcp.'
        for callee in CATALOGUE["mcp"].calls
        if callee not in ("authsvc", "chatsvc")
    ]


@pytest.mark.parametrize(
    "name", sorted({"database", "default", "endpoints", "https", "ingress", "s3"} | (COMPOSE - set(CATALOGUE.names)))
)
def test_a_service_cannot_have_a_reserved_name(name: str) -> None:
    """Those of peers, of the default size, and of what image/compose.yaml runs besides the services."""
    assert problems(entry(name)) == [
        f'services.py: {name}.name is "{name}": must be another name, as this one is reserved.'
    ]


def test_an_empty_environment_variable_is_a_problem() -> None:
    """The task definition would be replaced in each preview."""
    assert problems(entry(environment={"LEVEL": "", "OTHER": " "})) == [
        'services.py: asvc: variable "LEVEL": must not be empty, as ECS drops empty variables. Leave it out.'
    ]


@pytest.mark.parametrize("path", ["", "healthz", "http://healthz", "/health z", "/" * 1025])
def test_a_health_path_that_the_load_balancer_would_reject_or_replace_is_a_problem(path: str) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html"""
    assert problems(gateway(health_path=path)) == [
        f'services.py: web.health_path is "{path}": must be a path without spaces, such as "/healthz".'
    ]
