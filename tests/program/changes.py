"""Changes of the roles, the policies, the images and the secrets of one service that the program deploys."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from ecs import types
from tests.declared import ACCOUNT
from tests.program.mutations import REAL, Change, Mutation, containers, deployed, mutate, policy, stored
from tests.unit.simulator.world import World

CONSUMER = {ACCOUNT: "000000000001", REAL: "210987654321"}
"""The account that may pull, by the account of the stack."""

ROLE, EXECUTION, TASK = "promptsvc-task-role", "promptsvc-task-execution", "promptsvc-task-definition"
DENY = {"Effect": "Deny", "Action": "*", "Resource": "*"}
OBJECTS = {"Principal": "*", "Resource": "arn:aws:s3:::marginalia-content-test/*"}


def changed_program(mutation: Mutation, account: str) -> World:
    """The program with repositories that another account may pull from, after the change."""
    world = deployed(account=account, build={"context": "image/sample", "consumers": [CONSUMER[account]]})
    mutation(world)
    return world


def trust(change: Callable[[Any], object], role: str = EXECUTION) -> Mutation:
    """A change of the first statement of a role's trust policy."""
    return lambda world: mutate(world, role, policy(lambda found: change(found[0]), "assumeRolePolicy"))


def statement(sid: str, change: Callable[[Any], object], role: str = EXECUTION) -> Mutation:
    """A change of the statement with this ID in a role's policy."""
    return lambda world: mutate(
        world, f"{role}-policy", policy(lambda found: change(next(each for each in found if each.get("Sid") == sid)))
    )


def added(role: str, **fields: Any) -> Mutation:
    """One more statement in a role's policy."""
    return lambda world: mutate(world, f"{role}-policy", policy(lambda found: found.append({**DENY, **fields})))


def guard(name: str, **fields: Any) -> Mutation:
    """One more statement in the policy of a bucket or a repository. `{}` is the ARN of the bucket."""
    return lambda world: mutate(world, name, policy(lambda found: found.append({"Effect": "Deny", **fields})))


def reference(change: Callable[[str], str]) -> Mutation:
    """A change of what DATABASE_URL is read from."""

    def apply(found: Any) -> None:
        [secret] = found[0]["secrets"]
        secret["valueFrom"] = change(secret["valueFrom"])

    return lambda world: mutate(world, TASK, containers(apply))


def image(change: Callable[[str], str]) -> Mutation:
    return lambda world: mutate(world, TASK, containers(lambda found: found[0].update(image=change(found[0]["image"]))))


def logs(**options: str) -> Mutation:
    return lambda world: mutate(
        world, TASK, containers(lambda found: found[0]["logConfiguration"]["options"].update(options))
    )


def environment(name: str, value: str) -> Mutation:
    def apply(found: Any) -> None:
        next(each for each in found[0]["environment"] if each["name"] == name)["value"] = value

    return lambda world: mutate(world, TASK, containers(apply))


def text(name: str, change: Callable[[str], str], key: str = "policy") -> Mutation:
    """A change of the text of a policy."""
    return lambda world: mutate(world, name, lambda found: found.update({key: change(found[key])}))


def without(*keys: str) -> Callable[[Any], object]:
    return lambda found: [found.pop(each) for each in keys]


def document(change: Change) -> Callable[[str], str]:
    """A change of a policy as a whole."""

    def apply(text: str) -> str:
        found = json.loads(text)
        change(found)
        return json.dumps(found)

    return apply


def attached(arn: str, **document: Any) -> Mutation:
    """A managed policy of the execution role with one statement."""

    def apply(world: World) -> None:
        role = stored(world, EXECUTION).properties["name"]
        text = json.dumps({"Version": "2012-10-17", "Statement": [{**DENY, **document}]})
        created = world.create(types.IAM_POLICY, "guardrail", name="guardrail", policy=text)
        world.create(types.ROLE_POLICY_ATTACHMENT, "attached", role=role, policyArn=arn or created.properties["arn"])

    return apply


def bounded(*actions: str) -> Mutation:
    """A permissions boundary of the execution role."""

    def apply(world: World) -> None:
        text = json.dumps({"Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})
        created = world.create(types.IAM_POLICY, "bound", name="bound", policy=text)
        mutate(world, EXECUTION, lambda found: found.update(permissionsBoundary=created.properties["arn"]))

    return apply
