"""Judges that are not ours: cfn-lint and botocore, asked of what the programs declare and of changes of it.

MUTATIONS in the environment is the number of changes; `make test-judges` asks for thousands.
"""

from __future__ import annotations

import json
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from random import Random
from typing import Any, cast

from ecs import types
from simulator.failure import RejectedError
from simulator.store import Object, Properties
from tests.bootstrapped import bootstrap
from tests.cloudformation import template
from tests.declared import declare_program
from tests.program.mutations import deployed
from tests.program.test_refusals import SHAPES
from tests.unit.simulator.world import World
from tools.cloudformation import KINDS

MUTATIONS = int(os.environ.get("MUTATIONS", "60"))
GENERATED = r"[0-9a-f]{6,64}|[0-9A-Za-z]{40}"
"""IDs, digests and passwords, which differ in each shape."""
MORE_SHAPES: list[dict[str, Any]] = [
    {
        "ingress": {"domain": "api.marginalia.sh", "zone-id": "Z0123456789ABC", "firewall": True},
        "alerts": {"emails": ["ops@example.com"]},
        "protect": True,
        "insights": True,
    },
    {"architecture": "arm64", "probe": True, "spot": 40, "prefix": "other"},
    {"build": {"context": "image/sample", "consumers": ["000000000001"]}},
]
IGNORED = ["E3010", "E3019", "E3022", "E3060", "W", "I"]
"""A template with all shapes is too large, and has names, associations and ranges twice. And no warnings."""

EXPLAINED: dict[tuple[str, str], str] = {
    (types.SCALING_POLICY, "'PolicyName' is a required property"): "the provider generates the name",
    (types.ROLE_POLICY, "'PolicyName' is a required property"): "the provider generates the name",
    (
        types.CAPACITY_PROVIDERS,
        "'DefaultCapacityProviderStrategy' is a required property",
    ): "optional in the API: https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_PutClusterCapacityProviders.html",
}  # fmt: skip
"""Errors of cfn-lint that are none of AWS's API, by type and message."""


@dataclass(frozen=True)
class Mutation:
    object: Object
    path: str
    value: Any
    inputs: Properties

    @property
    def change(self) -> str:
        return f"{self.path} = {json.dumps(self.value)[:80]}"


def errors(resources: list[tuple[str, Properties]]) -> dict[int, list[str]]:
    """The errors of cfn-lint for each resource, by its position."""
    api: Any = import_module("cfnlint.api")

    content = template(resources)
    config: Any = api.ManualArgs(regions=["us-east-1"], ignore_checks=IGNORED)
    found: defaultdict[int, list[str]] = defaultdict(list)
    for each in cast(list[Any], api.lint(json.dumps(content), config=config)):
        if each.rule.id.startswith("E") and each.path[:1] == ["Resources"]:
            number = int(each.path[1][1:])
            if (resources[number][0], each.message) not in EXPLAINED:
                found[number].append(f"{each.rule.id} {each.message}")
    return dict(found)


@cache
def declared() -> list[tuple[str, Properties]]:
    """The different resources of all shapes."""
    programs = [bootstrap(), *(declare_program(**cast(Any, each)) for each in [*SHAPES, *MORE_SHAPES])]
    found = {
        re.sub(GENERATED, "", f"{each.type} {json.dumps(each.inputs)}"): (each.type, each.inputs)
        for program in programs
        for each in program.registrations
        if each.type in KINDS
    }
    return list(found.values())


def test_cfn_lint_finds_no_error_in_what_the_programs_declare() -> None:
    resources = declared()
    assert {str(resources[number]): each for number, each in errors(resources).items()} == {}


VALUES: dict[type, tuple[Any, ...]] = {
    bool: (True, False, "maybe", [], {}),
    float: (-1.0, 0.0, 1.0, 7.0, 65536.0, 1e9, "seven", [], {}),
    str: ("", "a", "A b!", "-", "x" * 300, "*", 7.0, [], {}),
    list: ([], "text", {}, [None]),
    dict: ({}, [], "text"),
}
"""What takes the place of a value, by its type."""


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Each value within a value, with the keys and positions that lead to it."""
    if path:
        yield path, value
    if isinstance(value, dict):
        for key, each in cast(Properties, value).items():
            yield from leaves(each, (*path, key))
    elif isinstance(value, list):
        for number, each in enumerate(cast(list[Any], value)):
            yield from leaves(each, (*path, number))


def changed(properties: Properties, path: tuple[Any, ...], value: Any) -> Properties:
    result = json.loads(json.dumps(properties))
    owner = result
    for each in path[:-1]:
        owner = owner[each]
    if value is None and isinstance(owner, dict):
        del owner[path[-1]]
    else:
        owner[path[-1]] = value
    return result


def mutation(random: Random, world: World, inputs: dict[str, Properties]) -> Mutation:
    """One value of one resource replaced or, if it belongs to a mapping, removed."""
    kinds = [kind for kind in KINDS if world.store.find(kind)]
    # The program registers in no fixed order.
    resource = random.choice(sorted(world.store.find(random.choice(kinds)), key=lambda each: each.urn))
    own = {key: value for key, value in sorted(resource.properties.items()) if key in inputs[resource.urn]}
    path, value = random.choice(list(leaves(own)))
    new = random.choice([*next((VALUES[each] for each in VALUES if isinstance(value, each)), ()), None])
    where = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in path).removeprefix(".")
    return Mutation(resource, where, new, changed(own, path, new))


def refusal(world: World, each: Mutation) -> list[str]:
    """What the simulated cloud answers to an update with the inputs."""
    kind = world.types[each.object.kind]
    try:
        checked = kind.check(world.root, each.inputs)
    except RejectedError as error:
        return [str(error)]
    request = replace(world.request(each.object), inputs=checked)
    return [*world.cloud.missing_references(kind, request), *kind.validate(request)]


@cache
def world() -> World:
    """What the main and the bootstrap program deploy."""
    shape: dict[str, Any] = {**MORE_SHAPES[0], **MORE_SHAPES[2], **cast(Any, SHAPES[2])}
    found = deployed(**shape)
    for each in bootstrap().objects:
        found.store.put(each)
    return found


@cache
def inputs() -> dict[str, Properties]:
    """The inputs of each resource in the world, by logical name."""
    shape: dict[str, Any] = {**MORE_SHAPES[0], **MORE_SHAPES[2], **cast(Any, SHAPES[2])}
    programs = (declare_program(**shape), bootstrap())
    return {each.name: each.inputs for program in programs for each in program.registrations}


TAKEN: list[tuple[str, str, str, str]] = [
    (types.NAMESPACE, "E3003", "name = null", "the provider generates the name"),
    (f"{types.SECURITY_GROUP}|{types.DB_PARAMETER_GROUP}", "E3003", "description = null", "the provider has a default"),
    # https://www.pulumi.com/registry/packages/aws/api-docs/cloudwatch/loggroup/
    (types.LOG_GROUP, "E3030", r"retentionInDays = 0\.0", "the provider's never"),
    (
        types.BUCKET_LIFECYCLE,
        "E3003",
        r"rules\[0\]\.abortIncompleteMultipartUpload(\.daysAfterInitiation = null| = \{\})",
        "optional in the API: https://docs.aws.amazon.com/AmazonS3/latest/API/API_AbortIncompleteMultipartUpload.html",
    ),
    (types.VPC_ENDPOINT, "E3064", ".*", "the template has several changes of the endpoint, each with its private name"),
    (".*", ".*", r'\w+ = ""', "the documents do not say whether the provider takes empty text as not set"),
]
"""What cfn-lint refuses and passes here: patterns of the type, the rule and the change, and why."""


def is_explained(*found: str) -> bool:
    """Of a type, a rule and a change."""
    return any(all(map(re.fullmatch, patterns, found)) for *patterns, _ in TAKEN)


def test_what_cfn_lint_refuses_is_refused_or_explained() -> None:
    random = Random(15)  # noqa: S311, a seed repeats the changes
    mutations = [mutation(random, world(), inputs()) for _ in range(MUTATIONS)]
    accepted = [each for each in mutations if not refusal(world(), each)]
    found = errors([(each.object.kind, each.inputs) for each in accepted])
    open_ones: dict[str, list[str]] = {}
    for number, reasons in found.items():
        kind, change = accepted[number].object.kind, accepted[number].change
        rules = [each.split(" ")[0] for each in reasons]
        if left := [each for each in rules if not is_explained(kind, each, change)]:
            open_ones[f"{kind} {change}"] = left
    assert open_ones == {}
