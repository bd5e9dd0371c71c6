"""The simulated cloud: the description of a resource type, and create, update and delete for all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, cast

from simulator import generated
from simulator.failure import Failure, InitFailedError, RejectedError, coded
from simulator.faults import Faults
from simulator.store import Object, Properties, Store

INTERRUPTED = "; perhaps an interrupted update created it: run `make refresh`"
REDACTED = "[secret]"
"""The value that the store keeps instead of a secret."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """One request to the cloud, as one resource type sees it."""

    token: str
    urn: str
    inputs: Properties
    cloud: Cloud
    account: str
    region: str
    secret: frozenset[str] = frozenset()
    """The names of the inputs that contain a secret. The store keeps REDACTED instead of their values."""
    id: str = ""
    """The physical ID of the existing object; empty during a create."""

    def visible(self, kind: str, **properties: object) -> list[Object]:
        """Those of `all` that exist in any order: older ones, and those of resources that this one depends on."""
        return [each for each in self.all(kind, **properties) if self.cloud.guaranteed(each, self.urn)]

    def all(self, kind: str, **properties: object) -> list[Object]:
        """The objects that exist in this account and region now."""
        return self.cloud.store.located(kind, self.account, self.region, **properties)

    @property
    def generated(self) -> Properties:
        """The values that the cloud generates for the object that this request creates."""
        return generated.values(self.urn, self.cloud.store.next_number())

    def existing(self) -> Object | None:
        return self.cloud.store.get(self.token, self.account, self.region, self.id)


Compute = Callable[[Request], Any]
Validation = Callable[[Request], Iterable[str]]
"""Yields one message for each reason to reject the request."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """The update of an existing object."""

    request: Request
    before: Properties
    """The object's properties."""

    def changes(self, key: str) -> bool:
        """Whether the update gives an input another value; not if it leaves the input out."""
        return self.request.inputs.get(key) not in (None, self.before.get(key))


def _nothing(_: object) -> tuple[()]:
    return ()


@dataclass(frozen=True, kw_only=True)
class ResourceType:
    """The behavior of one resource type.

    Strings in `id` and `outputs` are `str.format` templates over inputs, `account`, `region`, `id`, `generated.values`.
    """

    id: str | Compute
    outputs: Mapping[str, str | Compute] = field(default_factory=dict[str, "str | Compute"])
    """Computed by the cloud, in this order; unknown during the preview of a create."""
    recomputed: frozenset[str] = frozenset()
    """Outputs that every update computes again. Must be functions, not templates."""
    planned_as_before: frozenset[str] = frozenset()
    """Those of them that a preview shows unchanged."""
    secret_outputs: frozenset[str] = frozenset()
    kept: Mapping[str, Compute] = field(default_factory=dict[str, Compute])
    """The values that the cloud keeps of inputs. One that differs from its input is a change in each later preview."""
    replace_on_changes: frozenset[str] = frozenset()
    """Inputs whose change replaces the resource."""
    delete_before_replace: bool = False
    """Whether a replacement always deletes first."""
    ignore_changes: frozenset[str] = frozenset()
    """Inputs whose change is not a difference."""
    ignore_removal: frozenset[str] = frozenset()
    """Inputs whose removal is not a difference."""
    suppressed: Callable[[Properties, Properties], Iterable[str]] = lambda _old, _new: ()
    """The inputs whose change from the old to the new values is not a difference."""
    deferred: Callable[[Change], Iterable[str]] = _nothing
    """The inputs that the cloud changes only after the update, which returns their former values."""
    name_property: str | None = None
    """The input with the physical name. Generated if missing; unique within `name_scope`."""
    name_scope: tuple[str, ...] | Literal["global"] = ()
    """The scope of a unique name: the account, the region and these inputs; or `global` for all accounts."""
    references: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    """Inputs that reference other objects: the type token of the other object and the property that is referenced."""
    outside: Callable[[str], bool] = lambda _: False  # whether it can exist although no stack here has it
    blocks_delete: bool = True
    """Whether an object of this type prevents the deletion of the objects that it references."""
    validate: Validation = _nothing
    """The reasons to reject a create or an update."""
    validate_update: Callable[[Change], Iterable[str]] = _nothing
    """Further reasons to reject an update, which follow from the existing object."""
    validate_delete: Validation = _nothing
    """The reasons to reject a delete."""
    internal: Mapping[str, Callable[[Request, Properties], Any]] = field(
        default_factory=dict[str, Callable[[Request, Properties], Any]]
    )
    """Properties that are stored but are not outputs. Each create and update computes them, in this order."""
    settled: Callable[[Request, Properties], Properties] = lambda _request, _internal: {}
    """The properties that the cloud itself changes after the request, such as the revision after a rollback."""
    init_errors: Callable[[Request, Properties], Iterable[str]] = lambda _request, _properties: ()
    """The reasons why the resource is not ready after a create or an update that the cloud carried out."""
    affects: Callable[[Request, Properties], Iterable[Object]] = lambda _request, _properties: ()
    """The other objects that the cloud changes with a create or an update, given the object's new properties."""
    retained_on_delete: Callable[[Properties], bool] = lambda _: False
    """Whether the object remains in the cloud when Pulumi deletes the resource."""
    cascade: Callable[[Request], Iterable[Object]] = _nothing
    """The further objects that a delete removes."""
    check: Callable[[Path, Properties], Properties] = lambda _, inputs: inputs
    """The provider's Check: returns the inputs with computed ones added. Raises RejectedError."""
    failure: Failure = field(default_factory=Failure)
    """What a failed operation leaves."""


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """Creates, updates and deletes objects in a store, for one update."""

    store: Store
    root: Path  # the program's folder, which the paths of build contexts are relative to
    types: Mapping[str, ResourceType]
    run: str = ""  # the ID of the running update
    faults: Faults = field(default_factory=Faults)
    ancestors: Callable[[str], frozenset[str]] | None = None
    """The URNs that a URN depends on, directly or not. None: every existing object is guaranteed."""
    urn: Callable[[str], str] = str  # that of the program's resource with a logical name

    def guaranteed(self, object: Object, urn: str) -> bool:
        """Whether the object exists before the resource with this URN in every order that the engine may choose."""
        return object.run != self.run or self.ancestors is None or object.urn in self.ancestors(urn)

    def check(self, token: str, inputs: Properties, *, name: str) -> Properties:
        """The inputs with the ones that the provider adds; `name` is used if they have no physical name."""
        resource_type = self.types[token]
        key = resource_type.name_property
        generated = {key: name} if key and not inputs.get(key) else {}
        return resource_type.check(self.root, {**inputs, **generated})

    def create(self, request: Request) -> tuple[str, Properties]:
        """Creates an object and returns its ID and outputs. Raises RejectedError and InitFailedError."""
        resource_type = self.types[request.token]
        with self.store.transaction():
            reject(
                [
                    *self.missing_references(resource_type, request),
                    *resource_type.validate(request),
                    *(taken(resource_type, request, each) for each in self.name_holders(resource_type, request)),
                ]
            )
            where = {"account": request.account, "region": request.region}
            values: Properties = {**where, **request.generated, **request.inputs}
            values["id"] = _compute(resource_type.id, request, values)
            outputs: Properties = {}
            for key, output in resource_type.outputs.items():
                outputs[key] = _compute(output, request, {**values, **outputs})
            outputs |= _kept(resource_type, request)
            properties = self._put(request, values["id"], outputs)
        self._check_ready(request, values["id"], properties, outputs)
        return values["id"], outputs

    def update(self, request: Request, old: Properties) -> Properties:
        """Updates an object in place and returns its outputs. Raises RejectedError and InitFailedError."""
        resource_type = self.types[request.token]
        with self.store.transaction():
            # An API that puts a value creates it again.
            existing = request.existing()
            if resource_type.failure.empty_update != "applies" and not existing:
                raise RejectedError(f"ResourceNotFoundException: {request.id} does not exist")
            refused = [*self.missing_references(resource_type, request), *resource_type.validate(request)]
            if existing:
                refused += resource_type.validate_update(Change(request=request, before=existing.properties))
            reject(refused)
            old = {**(existing.properties if existing else {}), **old}
            outputs = {
                key: old.get(key) if isinstance(output, str) or key not in resource_type.recomputed else output(request)
                for key, output in resource_type.outputs.items()
            }
            outputs |= _kept(resource_type, request)
            properties = self._put(request, request.id, outputs)
        self._check_ready(request, request.id, properties, outputs)
        return outputs

    def delete(self, request: Request) -> None:
        """Deletes an object; does nothing if it is already gone. Raises RejectedError while the object is in use."""
        resource_type = self.types[request.token]
        existing = request.existing()
        if existing is None or resource_type.retained_on_delete(existing.properties):
            return
        with self.store.transaction():
            reject([*self._uses(existing), *resource_type.validate_delete(request)])
            for each in [existing, *resource_type.cascade(request)]:
                self.store.remove(each)

    def name_holders(self, resource_type: ResourceType, request: Request) -> list[Object]:
        """The objects that have the name that the request gives."""
        key, scope = resource_type.name_property, resource_type.name_scope
        if not key:
            return []
        same = {each: request.inputs.get(each) for each in (key, *(scope if scope != "global" else ()))}
        return [
            other
            for other in self.store.find(request.token, **same)
            if scope == "global" or (other.account, other.region) == (request.account, request.region)
        ]

    def missing_references(self, resource_type: ResourceType, request: Request) -> Iterable[str]:
        """One message for each object that the request references and that is not guaranteed to exist."""
        for key, (token, attribute) in resource_type.references.items():
            for value in as_list(request.inputs.get(key)):
                existing = [each for each in request.all(token) if attribute_of(each, attribute) == value]
                outside = not existing and self.types[token].outside(str(value))
                if not outside and not any(self.guaranteed(each, request.urn) for each in existing):
                    code = self.types[token].failure.missing
                    yield coded(code, f"{key} {value!r} does not exist: no {token} has this {attribute}")

    def _uses(self, existing: Object) -> Iterable[str]:
        """One message for each object that prevents the deletion of this one."""
        for token, resource_type in self.types.items():
            for key, (referenced, attribute) in resource_type.references.items():
                if referenced == existing.kind and resource_type.blocks_delete:
                    for other in self.store.find(token):
                        if attribute_of(existing, attribute) in as_list(other.properties.get(key)):
                            yield f"{existing.id} is in use by {other.urn or other.id} ({key})"

    def _put(self, request: Request, id: str, outputs: Properties) -> Properties:
        """Stores the object, secrets redacted, and returns its properties."""
        resource_type = self.types[request.token]
        internal: Properties = {}
        for key, compute in resource_type.internal.items():
            internal[key] = compute(request, internal)
        redacted = dict.fromkeys(request.secret | resource_type.secret_outputs, REDACTED)
        settled = resource_type.settled(request, internal)
        properties = {**request.inputs, **outputs, **internal, **settled, **redacted}
        where = {"account": request.account, "region": request.region, "urn": request.urn, "run": self.run}
        self.store.put(Object(kind=request.token, id=id, properties=properties, **where))
        for each in resource_type.affects(request, properties):
            self.store.put(each)
        return properties

    def _check_ready(self, request: Request, id: str, properties: Properties, outputs: Properties) -> None:
        if errors := list(self.types[request.token].init_errors(request, properties)):
            raise InitFailedError("; ".join(errors), id, outputs)


def _kept(resource_type: ResourceType, request: Request) -> Properties:
    return {key: keep(request) for key, keep in resource_type.kept.items() if request.inputs.get(key) is not None}


def taken(resource_type: ResourceType, request: Request, other: Object) -> str:
    name = request.inputs[resource_type.name_property or ""]
    message = f"{resource_type.name_property} {name!r} is taken by {other.urn or other.id}{hint(request, other)}"
    return coded(resource_type.failure.taken, message)


def hint(request: Request, other: Object) -> str:
    """What to do about an object in the request's way; empty unless the same resource created it before."""
    return INTERRUPTED if other.urn == request.urn else ""


def reject(reasons: Iterable[str]) -> None:
    if reasons := list(reasons):
        raise RejectedError("; ".join(reasons))


def _compute(value: str | Compute, request: Request, values: Properties) -> Any:
    return value.format_map(values) if isinstance(value, str) else value(request)


def attribute_of(object: Object, attribute: str) -> object:
    return object.id if attribute == "id" else object.properties.get(attribute)


def as_list(value: Any) -> list[Any]:
    """The values of a property that is missing, one value or a list."""
    if value is None:
        return []
    return cast(list[Any], value) if isinstance(value, list) else [value]
