"""Finds permissions that became wider: a new action, resource or principal, a wildcard, a condition that is gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from ecs import iam, types
from review.changes.concerns.concern import Concern, Severity
from review.deployment import permissions
from review.deployment.permissions import Grant
from review.deployment.state import State

LEAST_PRIVILEGE = "https://docs.aws.amazon.com/IAM/latest/UserGuide/best-practices.html#grant-least-privilege"
UNSCOPED = "ecr:GetAuthorizationToken"
"""The only action in use that AWS cannot limit to a resource.
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html"""
EVERYONE = "everyone"


def wider(before: State, after: State) -> Iterator[Concern]:
    """Those of a new service or job are reported only if they are wider than those of the others can be: wildcards."""
    old, new = permissions.grants(before), permissions.grants(after)
    added = (after.services.keys() - before.services.keys()) | (after.jobs.keys() - before.jobs.keys())
    holders = {each.holder for each in old}
    found: defaultdict[tuple[Severity, str], set[Grant]] = defaultdict(set)
    for grant in new - old:
        if permissions.is_expected(grant, new):
            continue  # the concern about the toolbox says it: access.py
        if grant.verb == "may" and not any(_covers(each, grant) for each in old):
            usual = grant.holder not in holders and any(_is_of(grant, name) for name in added)
            if _is_wild(grant) or not usual:
                found[_severity(grant), _how(grant, old)].add(grant)
    present = {each.holder for each in new} | _resources(after)
    for grant in old - new:
        # A prohibition on a resource that is gone is no loss.
        if grant.verb == "may not" and grant.holder in present and not any(_covers(each, grant) for each in new):
            found["caution", " is no longer forbidden"].add(replace(grant, verb="may"))
    for (severity, how), grants in found.items():
        for sentence in permissions.sentences(grants):
            yield Concern(severity=severity, topic="permissions", text=f"{sentence}{how}", source=LEAST_PRIVILEGE)


def _resources(state: State) -> set[str]:
    """Holders of resource policies, as permissions.grants names them."""
    buckets = {f"bucket {each.inputs.get('bucket')}" for each in state.of(types.BUCKET)}
    return buckets | {f"repository {each.inputs.get('name')}" for each in state.of(types.REPOSITORY)}


def _is_of(grant: Grant, service: str) -> bool:
    return grant.holder.startswith(f"{service}'s ") or grant.holder.endswith(f"-{service}")


def _severity(grant: Grant) -> Severity:
    return "caution" if _is_wild(grant) or EVERYONE in grant.principal else "warning"


def _is_wild(grant: Grant) -> bool:
    """A wildcard that spans services or resources; `name/*` is all that belongs to one resource."""
    if grant.action == UNSCOPED:
        return False
    return "*" in grant.action or grant.action.startswith(("everything", "all of")) or _last(grant.resource) == "*"


def _last(resource: str) -> str:
    """The resource's part of an ARN: arn:aws:s3:::* is every bucket."""
    resource = resource.removeprefix("everything except ")
    return resource.split(":", 5)[-1] if resource.startswith("arn:") else resource


def _how(grant: Grant, old: frozenset[Grant]) -> str:
    for each in old:
        if each.condition and each != grant and _covers(replace(each, condition=""), grant):
            return f" (the condition was {each.condition})" if not grant.condition else " (another condition)"
    return ""


def _covers(outer: Grant, inner: Grant) -> bool:
    """Whether everything that the inner grant allows is allowed by the outer one."""
    return (
        outer.holder == inner.holder
        and outer.verb == inner.verb
        and (outer.principal == inner.principal or outer.principal == EVERYONE)
        and (not outer.condition or set(outer.condition.split(" and ")) <= set(inner.condition.split(" and ")))
        and _matches(outer.action, inner.action)
        and _matches(outer.resource, inner.resource)
    )


def _matches(pattern: str, value: str) -> bool:
    return pattern == value or (not pattern.startswith("everything") and iam.matches(pattern, value))
