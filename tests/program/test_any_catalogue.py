"""Whatever services.py names: the program declares exactly what the entries name."""

from __future__ import annotations

from typing import Any, Literal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.catalogue import Catalogue, Entry
from ecs import types
from tests.declared import Declared, declare_program

NAMES = ["authsvc", "chatsvc", "mail-svc", "mcp", "queue", "searchsvc"]
ARN = "arn:aws:secretsmanager:us-east-1:111122223333:secret"


@st.composite
def catalogues(draw: st.DrawFn) -> Catalogue:
    """Up to six services, the last of them perhaps public; each calls some of those before it."""
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, unique=True))
    has_public = draw(st.booleans())
    entries: list[Entry] = []
    for number, name in enumerate(names):
        public = has_public and number == len(names) - 1
        protocol: Literal["grpc", "http"] = "http" if public else draw(st.sampled_from(["grpc", "http"]))
        entries.append(
            Entry(
                name=name,
                port=9000 + number,
                protocol=protocol,
                public=public,
                database=(database := draw(st.booleans())),
                migrate=database and draw(st.booleans()),
                bucket=draw(st.booleans()),
                calls=tuple(
                    draw(st.lists(st.sampled_from(names[:number] or names[:1]), unique=True)) if number else ()
                ),
                environment=draw(st.dictionaries(st.sampled_from(["LOG_LEVEL", "MODEL"]), st.text("ab", min_size=1))),
                secrets=tuple(draw(st.lists(st.sampled_from(["SIGNING_KEY", "API_KEY"]), unique=True))),
            )
        )
    return Catalogue(draw(st.permutations(entries)))


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.too_slow])
@given(services=catalogues())
def test_a_stack_declares_what_its_entries_name_and_nothing_else(services: Catalogue) -> None:
    """Promise 6, for catalogues at random."""
    secrets: dict[str, Any] = {
        entry.name: {name: f"{ARN}:{entry.name}-{name}-AbCdEf" for name in entry.secrets} for entry in services
    }
    declared = declare_program(services=services, secrets=secrets)
    assert sorted(declared.of(types.SERVICE)) == [f"{name}-service" for name in services.names]
    assert rules(declared, types.INGRESS_RULE) == {
        *((entry.name, callee, services[callee].port) for entry in services for callee in entry.calls),
        *((entry.name, "database", 5432) for entry in services if entry.database),
        *(("ingress", entry.name, entry.port) for entry in services if entry.public),
        ("203.0.113.0/24", "ingress", 80),
    }
    migrated = {f"{entry.name}-migrated" for entry in services if entry.migrate}
    assert set(declared.of(types.PARAMETER)) == migrated
    for entry in services:
        definition = declared.one(types.TASK_DEFINITION, f"{entry.name}-task-definition")
        [container, *_] = definition.json("containerDefinitions")
        assert {each["name"]: each["value"] for each in container["environment"]} == {
            **entry.environment,
            entry.port_variable: str(entry.port),
            **({"S3_BUCKET": "marginalia-content-test"} if entry.bucket else {}),
            **{services[callee].address_variable: services[callee].address for callee in entry.calls},
        }
        granted = {each["valueFrom"].split(":::")[0] for each in container["secrets"]}
        assert granted == secrets_of(declared, entry), "adding a secret grants exactly that secret"
        assert len(granted) == len(entry.secrets) + entry.database


def rules(declared: Declared, kind: str) -> set[tuple[str, str, float]]:
    """The rules of one kind as (from, to, port); a security group by the component that owns it."""
    owners = {
        group.id: group.options.parent.split("::")[-1].removesuffix("-access")
        for group in declared.of(types.SECURITY_GROUP).values()
    }
    return {
        (
            owners.get(rule.inputs.get("referencedSecurityGroupId", "")) or rule.inputs["cidrIpv4"],
            owners[rule.inputs["securityGroupId"]],
            rule.inputs["toPort"],
        )
        for rule in declared.of(kind).values()
    }


def secrets_of(declared: Declared, entry: Entry) -> set[str]:
    """The secrets that the service's execution role may read."""
    policy = declared.one(types.ROLE_POLICY, f"{entry.name}-task-execution-policy").json("policy")
    return {
        resource
        for statement in policy["Statement"]
        if "secretsmanager:GetSecretValue" in statement["Action"]
        for resource in statement["Resource"]
    }
