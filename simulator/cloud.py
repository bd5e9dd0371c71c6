"""How the simulated cloud answers: what a resource type computes, replaces and refuses."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from simulator.store import Object, Properties, Store


class RefusedError(Exception):
    """What the cloud answers to a request that it does not carry out."""


def is_simulated(account: str) -> bool:
    """Whether the simulator answers for this account. What lies in any other is taken to be as it is named."""
    return account.startswith("0" * 11)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One request to the cloud, as one resource type sees it."""

    token: str
    urn: str
    inputs: Properties
    cloud: Cloud
    account: str
    region: str
    secret: frozenset[str] = frozenset()
    """The inputs that hold a secret: the store must not."""
    id: str = ""
    """Of the object that is there already; empty when it is being created."""

    def find(self, kind: str, **properties: object) -> list[Object]:
        """What surely exists by now in this account and region.

        Of the objects made in the same update only those that this resource depends on count: the engine was free to
        make the others later, so the least favourable order is the one in which it does.
        """
        return [each for each in self.all(kind, **properties) if self.cloud.surely_made(each, self.urn)]

    def all(self, kind: str, **properties: object) -> list[Object]:
        """What exists in this account and region at this moment."""
        found = self.cloud.store.find(kind, **properties)
        return [each for each in found if (each.account, each.region) == (self.account, self.region)]

    def existing(self) -> Object | None:
        return next((each for each in self.all(self.token) if each.id == self.id), None)


CUT_OFF = "; perhaps an update that was cut off made it: `make refresh` settles that"
HIDDEN = "[secret]"
"""What the store holds in place of a secret."""


class PartialError(Exception):
    """What the cloud answers to a change that it carried out, but not to the end. The object is as `outputs` say."""

    def __init__(self, message: str, id: str, outputs: Properties) -> None:
        super().__init__(message)
        self.id = id
        self.outputs = outputs


Answer = Callable[[Call], Any]
Refusal = Callable[[Call], Iterable[str]]


def _nothing(_: Call) -> tuple[()]:
    return ()


def _as_given(_: Path, inputs: Properties) -> Properties:
    return inputs


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """How the cloud answers for one type. Texts are templates over the inputs, `account`, `region`, `hex` and `id`."""

    id: str | Answer
    outputs: Mapping[str, str | Answer] = field(default_factory=dict[str, "str | Answer"])
    """What the cloud computes, in order; unknown before the resource exists."""
    volatile: frozenset[str] = frozenset()
    """Outputs that any change computes anew."""
    secret_outputs: frozenset[str] = frozenset()
    replaces: frozenset[str] = frozenset()
    """Inputs that cannot be changed in place."""
    ignores: frozenset[str] = frozenset()
    """Inputs whose change is no change."""
    named: str | None = None
    """The input that holds the physical name: filled in when it is not given, and unique in account and region."""
    named_within: tuple[str, ...] = ()
    """Inputs that narrow where the name is unique."""
    name_is_global: bool = False
    refers: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """Inputs that name other objects: the type of the other one, and the property of it that is named."""
    holds: bool = True
    """Whether an object of this type keeps those that it refers to from being deleted."""
    refuses: Refusal = _nothing
    """What AWS says to a create or an update that it does not accept."""
    refuses_deletion: Refusal = _nothing
    private: Mapping[str, Callable[[Call, Properties], Any]] = field(
        default_factory=dict[str, Callable[[Call, Properties], Any]]
    )
    """What the cloud keeps of an object besides what it tells Pulumi; computed at each change, in order."""
    complains: Callable[[Call, Properties], Iterable[str]] = lambda _call, _properties: ()
    """What went wrong in a change that is made all the same."""
    stays: Callable[[Properties], bool] = lambda _: False
    """Whether the object remains in the cloud when Pulumi deletes the resource."""
    deletes_with_it: Callable[[Call], Iterable[Object]] = _nothing
    completes: Callable[[Path, Properties], Properties] = _as_given
    """What the provider adds to the inputs when it checks them. Raises RefusedError."""


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """The store, what lies around it, and what the running update guarantees."""

    store: Store
    root: Path
    """The program's folder: a build context is relative to it."""
    types: Mapping[str, ResourceType]
    run: str = ""
    faults: Mapping[str, str] = field(default_factory=dict[str, str])
    """By the name of a service: `rollback` or `silent-rollback`, what its next rollout comes to."""
    ancestors: Callable[[str], frozenset[str]] | None = None
    """The URNs that a resource depends on, directly or not; None where every order is as good as another."""

    def surely_made(self, made: Object, urn: str) -> bool:
        return made.run != self.run or self.ancestors is None or made.urn in self.ancestors(urn)

    def check(self, token: str, inputs: Properties, *, name: str) -> Properties:
        """The inputs as the provider completes them; `name` is the physical name when none is given."""
        kind = self.types[token]
        named = {kind.named: name} if kind.named and not inputs.get(kind.named) else {}
        return kind.completes(self.root, {**inputs, **named})

    def create(self, call: Call) -> tuple[str, Properties]:
        """The id and the outputs of a new object. Raises RefusedError and PartialError."""
        kind = self.types[call.token]
        with self.store.transaction():
            self._refuse_create(kind, call)
            number = self.store.next_number()
            unique = hashlib.sha256(f"{call.urn} {number}".encode()).hexdigest()
            values: Properties = {
                "account": call.account,
                "region": call.region,
                "hex": unique[:17],
                "suffix": unique[-6:],
                **call.inputs,
            }
            values["id"] = _answered(kind.id, call, values)
            outputs: Properties = {}
            for key, answer in kind.outputs.items():
                outputs[key] = _answered(answer, call, {**values, **outputs})
            properties = self._put(call, values["id"], outputs)
        self._complain(kind, call, values["id"], properties, outputs)
        return values["id"], outputs

    def update(self, call: Call, old: Properties) -> Properties:
        """The outputs of an object after a change in place. Raises RefusedError and PartialError."""
        kind = self.types[call.token]
        with self.store.transaction():
            _refuse([*self._missing(kind, call), *kind.refuses(call)])
            outputs = {
                key: answer(call) if key in kind.volatile and not isinstance(answer, str) else old.get(key)
                for key, answer in kind.outputs.items()
            }
            properties = self._put(call, call.id, outputs)
        self._complain(kind, call, call.id, properties, outputs)
        return outputs

    def delete(self, call: Call) -> None:
        """Raises RefusedError while something else needs the object."""
        kind = self.types[call.token]
        made = call.existing()
        if made is None or kind.stays(made.properties):
            return
        with self.store.transaction():
            _refuse([*self._holders(made), *kind.refuses_deletion(call)])
            for each in [made, *kind.deletes_with_it(call)]:
                self.store.remove(each)

    def _refuse_create(self, kind: ResourceType, call: Call) -> None:
        refusals = [*self._missing(kind, call), *kind.refuses(call)]
        if kind.named:
            name = call.inputs[kind.named]
            same = {key: call.inputs.get(key) for key in (kind.named, *kind.named_within)}
            for other in self.store.find(call.token, **same):
                if kind.name_is_global or (other.account, other.region) == (call.account, call.region):
                    refusals.append(
                        f"{kind.named} {name!r} is taken by {other.urn}{CUT_OFF if other.urn == call.urn else ''}"
                    )
        _refuse(refusals)

    def _missing(self, kind: ResourceType, call: Call) -> Iterable[str]:
        for key, (token, attribute) in kind.refers.items():
            for value in as_list(call.inputs.get(key)):
                if not any(_attribute(each, attribute) == value for each in call.find(token)):
                    yield f"{key} {value!r} does not exist: no {token} has this {attribute}"

    def _holders(self, made: Object) -> Iterable[str]:
        for token, kind in self.types.items():
            for key, (referred, attribute) in kind.refers.items():
                if referred == made.kind and kind.holds:
                    for other in self.store.find(token):
                        if _attribute(made, attribute) in as_list(other.properties.get(key)):
                            yield f"{made.id} is in use by {other.urn or other.id} ({key})"

    def _put(self, call: Call, id: str, outputs: Properties) -> Properties:
        kind = self.types[call.token]
        private: Properties = {}
        for key, answer in kind.private.items():
            private[key] = answer(call, private)
        hidden = dict.fromkeys(call.secret | kind.secret_outputs, HIDDEN)
        properties = {**call.inputs, **outputs, **private, **hidden}
        self.store.put(
            Object(
                kind=call.token,
                id=id,
                account=call.account,
                region=call.region,
                urn=call.urn,
                run=self.run,
                properties=properties,
            )
        )
        return properties

    def _complain(self, kind: ResourceType, call: Call, id: str, properties: Properties, outputs: Properties) -> None:
        if complaints := list(kind.complains(call, properties)):
            raise PartialError("; ".join(complaints), id, outputs)


def _refuse(refusals: Iterable[str]) -> None:
    if refusals := list(refusals):
        raise RefusedError("; ".join(refusals))


def _answered(answer: str | Answer, call: Call, values: Properties) -> Any:
    return answer.format_map(values) if isinstance(answer, str) else answer(call)


def _attribute(made: Object, attribute: str) -> object:
    return made.id if attribute == "id" else made.properties.get(attribute)


def as_list(value: Any) -> list[Any]:
    """The values of a key that holds none, one or a list of them."""
    if value is None:
        return []
    return cast(list[Any], value) if isinstance(value, list) else [value]
