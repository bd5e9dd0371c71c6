"""The content of a page: what it says and in which order. The formats differ only in how they show it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from cost.difference import NOTHING, Difference
from cost.money import between, signed
from ecs import types
from review.changes.differences import Change, excerpts
from review.changes.replacements import Replacement
from review.changes.rollouts import Rollout, grouped
from review.changes.stack import Changes, Edit
from review.nouns import inventory, listed, noun

OWNERS = {
    types.BUCKET_ENCRYPTION: types.BUCKET,
    types.BUCKET_LIFECYCLE: types.BUCKET,
    types.BUCKET_PUBLIC_ACCESS: types.BUCKET,
    types.BUCKET_VERSIONING: types.BUCKET,
    types.CAPACITY_PROVIDERS: types.CLUSTER,
    types.CERTIFICATE_VALIDATION: types.CERTIFICATE,
    types.DB_PARAMETER_GROUP: types.DB_INSTANCE,
    types.DB_SUBNET_GROUP: types.DB_INSTANCE,
    types.LIFECYCLE_POLICY: types.REPOSITORY,
    types.NAT_GATEWAY: types.EIP,
    types.RECORD: types.CERTIFICATE,
    types.ROUTE_TABLE_ASSOCIATION: types.ROUTE_TABLE,
    types.SCALING_POLICY: types.SCALING_TARGET,
    types.TARGET_GROUP: types.LISTENER,
}
"""Resources that only complete another one, by type: they share its line."""


class Code(str):
    """A value, which Markdown shows as code."""


Line = tuple[str | Code, ...]


@dataclass(frozen=True, kw_only=True)
class Block:
    title: str
    head: tuple[str, ...] = ()
    """The columns of a table; empty for a list."""
    rows: tuple[tuple[Line, ...], ...] = ()
    """Of a list each has one cell."""
    folded: bool = False


def blocks(changes: Changes) -> Iterator[Block]:
    """What is unusual first; empty blocks are left out."""
    if changes.summary:
        yield Block(
            title="Summary",
            head=("property", "value"),
            rows=tuple(((each.topic,), (each.text,)) for each in changes.summary),
        )
    found = (
        _services(changes),
        _list("Rollouts", ((each,) for each in changes.strategies)),
        _list("Logins of the database", ((each,) for each in changes.logins)),
        _list("Cost", _cost(changes.cost)),
        _list("Jobs", ((f"{each.job}: {each.text}",) for each in changes.jobs)),
        _list("Source commits", _sources(changes)),
        _list("Replaced and deleted", _replacements(changes.replacements)),
        _list("Other changes", _edits(changes.edits)),
        _list("Connectivity", _pairs(changes.reachable, changes.unreachable)),
        _list("Permissions", _pairs(_granted(changes), changes.revoked)),
        _usual(changes, "new", "What every service gets", changes.usual),
        _usual(changes, "removed", "What every service has, and these no longer", changes.former),
    )
    yield from (each for each in found if each.rows)


def _list(title: str, lines: Iterable[Line]) -> Block:
    return Block(title=title, rows=tuple((line,) for line in lines))


def _usual(changes: Changes, kind: str, title: str, lines: Iterable[str]) -> Block:
    names = [each.service for each in changes.rollouts if each.kind == kind]
    return Block(title=f"{title} ({listed(names)})", rows=tuple(((line,),) for line in lines), folded=True)


def _pairs(new: Iterable[object], gone: Iterable[object]) -> Iterator[Line]:
    # No + and -: GitHub colours them green and red, and a new permission is no good news.
    yield from ((f"new: {each}",) for each in new)
    yield from ((f"gone: {each}",) for each in gone)


def _granted(changes: Changes) -> list[str]:
    reported = {each.text for each in changes.concerns}
    return [each for each in changes.granted if each not in reported]


def _services(changes: Changes) -> Block:
    rows: list[tuple[Line, ...]] = []
    for names, rollout in grouped(changes.rollouts):
        subject = who(names, changes.services if rollout.kind != "removed" else 0)
        if rollout.kind in ("new", "removed"):
            rows.append(((subject,), (rollout.kind,), _joined(_plain(each) for each in _changes(rollout))))
            continue
        kind = f" ({rollout.kind})" if rollout.kind != "rolls out" else ""
        for index, change in enumerate(_changes(rollout)):
            rows.append(((f"{subject}{kind}" if index == 0 else "",), (change.property,), arrow(change)))
    return Block(title="Services", head=("service", "what", "before → after"), rows=tuple(rows))


def _cost(found: Difference | None) -> Iterator[Line]:
    if found is None:
        return
    for each in found.causes:
        if abs(each.least) >= NOTHING:
            yield (f"{signed(each.least)} a month: {each.text}",)
        else:
            yield (f"at most {signed(each.most)} a month: {each.text}",)
    yield from ((f"by use: {each}",) for each in found.used)
    yield from ((f"no known price: {each}",) for each in found.unknown)
    if found.causes:
        yield (f"in all {signed(found.more)} a month: {between(found.least, found.most)}",)


def _sources(changes: Changes) -> Iterator[Line]:
    for each in changes.sources:
        for number, commit in enumerate(each.commits or ()):
            yield (f"{each.service}: " if number == 0 else "", Code(commit))
        if each.commits is None and each.after:
            former = Code(each.before) if each.before else "not recorded"
            known = f"; ../mrgnl-{each.service} does not have both" if each.before else ""
            yield (f"{each.service}: ", former, " → ", Code(each.after), known)
    if unknown := [each.service for each in changes.sources if each.after is None]:
        yield (f"{listed(unknown)}: unknown, because the stack file does not record the commit of the image",)


def _changes(rollout: Rollout) -> Iterator[Change]:
    for reason in rollout.reasons:
        yield from reason.changes or (Change(property=reason.summary, before=None, after=None),)


def _plain(change: Change) -> Line:
    """A property of a new service."""
    return (f"{change.property} ", *value(excerpts(change)[1])) if change.after != "nothing" else ()


def who(names: Sequence[str], total: int) -> str:
    """As `all 15 services` or `a, b, c and 9 more`."""
    if len(names) == total > 1:
        return f"all {total} services"
    return listed(list(names))


def _replacements(found: tuple[Replacement, ...]) -> Iterator[Line]:
    """Those with data are among the concerns."""
    others = [each for each in found if not each.data]
    for each in (each for each in others if each.causes):
        yield (f"{noun(each.type)} ", Code(each.name), f" is {each.operation}", *_causes(each))
    if follow := [each for each in others if each.operation == "replaced" and not each.causes]:
        components = sorted({each.component for each in follow})
        yield (f"because of a replaced reference: {inventory(each.type for each in follow)} ({', '.join(components)})",)
    deleted: defaultdict[str, list[Replacement]] = defaultdict(list)
    for each in (each for each in others if each.operation == "deleted"):
        deleted[each.component].append(each)
    for component, each in deleted.items():
        yield (f"{component or 'stack'}: {inventory(one.type for one in each)} deleted",)


def _causes(replacement: Replacement) -> Line:
    if replacement.causes:
        return (" (", *_joined(map(_changed, replacement.causes)), ")")
    return (" because of a replaced reference",) if replacement.follows and replacement.operation == "replaced" else ()


def _edits(found: Iterable[Edit]) -> Iterator[Line]:
    """One for each resource with its satellites; one for the components in which the same happens."""
    families: defaultdict[tuple[str, str], list[Edit]] = defaultdict(list)
    for each in found:
        families[each.component, OWNERS.get(each.type, each.type)].append(each)
    alike: defaultdict[tuple[object, ...], list[list[Edit]]] = defaultdict(list)
    for edits in families.values():
        edits.sort(key=lambda each: (each.type in OWNERS, each.type, each.name))
        alike[tuple((each.is_new, each.type, each.changes) for each in edits)].append(edits)
    for members in alike.values():
        first = members[0]
        components = sorted({each[0].component or "stack" for each in members})
        yield (f"{listed(components)}: ", *_joined(_family(first, named=len(members) == 1), "; "))


def _family(edits: list[Edit], *, named: bool) -> Iterator[Line]:
    for each in (each for each in edits if not each.is_new):
        changes = _joined(_changed(change) for change in each.changes)
        yield (noun(each.type), *((" ", Code(each.name)) if named else ()), ": ", *changes)
    new = [each for each in edits if each.is_new]
    if len(new) == 1 and named:
        yield (f"new {noun(new[0].type)} ", Code(new[0].name))
    elif new:
        yield (f"new: {inventory(each.type for each in new)}",)


def _changed(change: Change) -> Line:
    values = arrow(change)
    return (change.property, *((" ", *values) if values else ()))


def arrow(change: Change) -> Line:
    """Empty for a change without values."""
    if change.before is change.after is None:
        return ()
    before, after = excerpts(change)
    return (*value(before), " → ", *value(after))


def value(text: str | None) -> Line:
    return ("—",) if text is None else (Code(text),)


def _joined(lines: Iterable[Line], separator: str = ", ") -> Line:
    joined: list[str | Code] = []
    for line in (line for line in lines if line):
        joined += [*([separator] if joined else []), *line]
    return tuple(joined)


def in_order(stacks: Iterable[Changes]) -> list[Changes]:
    """Production first."""
    return sorted(stacks, key=lambda each: each.importance)
