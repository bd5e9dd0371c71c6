from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config.catalogue import Catalogue, CatalogueError, Entry
from tests.declared import CATALOGUE


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


@pytest.mark.parametrize(
    ("name", "port", "protocol", "database", "bucket", "calls", "public"),
    [
        ("authsvc", 9001, "grpc", True, False, (), False),
        ("promptsvc", 9002, "grpc", True, True, (), False),
        ("scrapsvc", 9003, "grpc", True, True, (), False),
        ("chatsvc", 9004, "grpc", True, False, (), False),
        ("mcp", 8080, "http", False, False, ("authsvc", "promptsvc", "scrapsvc", "chatsvc"), True),
    ],
)
def test_the_catalogue_declares_the_port_resources_and_calls_that_each_of_the_first_five_services_uses(
    name: str, port: int, protocol: Any, database: bool, bucket: bool, calls: tuple[str, ...], public: bool
) -> None:
    """It may declare more services and more calls."""
    declared = CATALOGUE[name]
    assert replace(declared, calls=()) == Entry(
        name=name, port=port, protocol=protocol, database=database, bucket=bucket, public=public
    )
    assert set(calls) <= set(declared.calls)


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
NAME = "2 to 20 lower-case letters and digits, a letter first, single hyphens between them"
VARIABLE = "upper-case letters, digits and underscores, a letter first"
DUPLICATE = "is set twice or set by the program; choose another name"


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        pytest.param([entry("Asvc")], f"name 'Asvc': {NAME}", id="capital"),
        pytest.param([entry("a_svc")], f"name 'a_svc': {NAME}", id="underscore"),
        pytest.param([entry("a")], f"name 'a': {NAME}", id="short"),
        pytest.param([entry("a" * 21)], f"name '{'a' * 21}': {NAME}", id="long"),
        pytest.param([entry("1svc")], f"name '1svc': {NAME}", id="digit-first"),
        pytest.param([entry("asvc-")], f"name 'asvc-': {NAME}", id="hyphen-last"),
        pytest.param([entry("asvc\n")], f"name 'asvc\\n': {NAME}", id="line-break"),
        pytest.param([entry(port=1023)], "asvc.port 1023: 1024 to 65535, as the process is not root", id="port-low"),
        pytest.param([entry(port=65536)], "asvc.port 65536: 1024 to 65535, as the process is not root", id="port-high"),
        pytest.param(
            [entry(), entry(port=9002)], "name asvc is used by 2 services; each needs its own", id="name-twice"
        ),
        pytest.param(
            [entry(), entry("bsvc"), entry("csvc")],
            "port 9001 is used by 3 services; each needs its own",
            id="port-thrice",
        ),
        pytest.param(
            [gateway(protocol="grpc")], "web.protocol 'grpc': a public service must use http", id="public-and-grpc"
        ),
        pytest.param(
            [gateway("web"), gateway("api", port=8081)],
            "web, api are public; at most one service may be",
            id="two-public",
        ),
        pytest.param(
            [entry(calls=("web",)), gateway()],
            "asvc.calls: web is public and has no Service Connect name",
            id="calls-the-public",
        ),
        pytest.param(
            [entry(calls=("nosvc",)), entry("bsvc", port=9002)],
            "asvc.calls: no such service 'nosvc'; there are asvc, bsvc",
            id="calls-nobody",
        ),
        pytest.param(
            [entry(calls=("asvc",))], "the calls form a cycle: asvc -> asvc; remove one of them", id="calls-itself"
        ),
        pytest.param([entry(environment={"Level": "info"})], f"asvc: variable 'Level': {VARIABLE}", id="variable"),
        pytest.param([entry(environment={"_X": "1"})], f"asvc: variable '_X': {VARIABLE}", id="underscore-first"),
        pytest.param([entry(secrets=("api-key",))], f"asvc: variable 'api-key': {VARIABLE}", id="secret"),
        pytest.param(
            [entry(environment={"KEY": "x"}, secrets=("KEY",))],
            f"asvc: variable 'KEY' {DUPLICATE}",
            id="secret-in-plain",
        ),
        pytest.param([entry(secrets=("KEY", "KEY"))], f"asvc: variable 'KEY' {DUPLICATE}", id="secret-twice"),
        pytest.param(
            [entry(environment={"AUTH_SERVICE": "x"})], f"asvc: variable 'AUTH_SERVICE' {DUPLICATE}", id="an-address"
        ),
        *(
            pytest.param([entry(environment={name: "x"})], f"asvc: variable '{name}' {DUPLICATE}", id=name)
            for name in ("GRPC_PORT", "HTTP_PORT", "S3_BUCKET", "DATABASE_URL")
        ),
        pytest.param(
            [entry(secrets=("DATABASE_URL",))], f"asvc: variable 'DATABASE_URL' {DUPLICATE}", id="own-database"
        ),
    ],
)
def test_an_invalid_catalogue_is_rejected_with_the_location_of_the_problem(entries: list[Entry], problem: str) -> None:
    assert problems(*entries) == [f"services.py: {problem}"]


def test_a_call_cycle_is_rejected_with_its_path() -> None:
    # TopologicalSorter may start the cycle at any of its members.
    assert problems(*LOOP)[0] in {
        f"services.py: the calls form a cycle: {path}; remove one of them"
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
        f"services.py: name 'Asvc': {NAME}",
        "services.py: Asvc.port 80: 1024 to 65535, as the process is not root",
        f"services.py: Asvc: variable 'level': {VARIABLE}",
        "services.py: bsvc.calls: no such service 'nosvc'; there are Asvc, bsvc, csvc, web",
        f"services.py: bsvc: variable 'DATABASE_URL' {DUPLICATE}",
        "services.py: web.protocol 'grpc': a public service must use http",
        "services.py: port 9001 is used by 2 services; each needs its own",
        "services.py: csvc.calls: web is public and has no Service Connect name",
        "services.py: the calls form a cycle: csvc -> csvc; remove one of them",
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
        f"services.py: mcp.calls: no such service '{callee}'; there are authsvc, chatsvc, mcp"
        for callee in CATALOGUE["mcp"].calls
        if callee not in ("authsvc", "chatsvc")
    ]


@pytest.mark.parametrize("name", ["database", "default", "endpoints", "https", "ingress", "s3"])
def test_a_service_cannot_have_a_reserved_name(name: str) -> None:
    with pytest.raises(CatalogueError, match=f"name '{name}' is reserved; choose another"):
        Catalogue([entry(name)])


def test_an_empty_environment_variable_is_a_problem() -> None:
    """The task definition would be replaced in each preview."""
    assert problems(entry(environment={"LEVEL": "", "OTHER": " "})) == [
        "services.py: asvc.environment: LEVEL is empty, and ECS drops empty variables; leave it out"
    ]


@pytest.mark.parametrize("path", ["", "healthz", "http://healthz", "/health z", "/" * 1025])
def test_a_health_path_that_the_load_balancer_would_reject_or_replace_is_a_problem(path: str) -> None:
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html"""
    assert problems(gateway(health_path=path)) == [
        f"services.py: web.health_path {path!r}: a path that begins with /, such as /healthz"
    ]
