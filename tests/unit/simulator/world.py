"""A simulated cloud for tests, called as a provider calls it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from ecs import types
from simulator import planned
from simulator.aws import INVOKES
from simulator.cloud import Cloud, Request, ResourceType
from simulator.engine import TYPES
from simulator.failure import RejectedError
from simulator.faults import Faults
from simulator.store import Object, Store
from tests.declared import ACCOUNT, REGION, ROOT

TRUST = json.dumps(
    {
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ]
    }
)
"""The trust policy of a role of tasks."""


@dataclass(frozen=True, kw_only=True)
class World:
    """One account and region of a cloud, with short strings as URNs."""

    store: Store
    types: Mapping[str, ResourceType] = field(default_factory=lambda: TYPES)
    root: Path = ROOT
    account: str = ACCOUNT
    region: str = REGION
    run: str = ""
    ancestors: Callable[[str], frozenset[str]] | None = None
    faults: Faults = field(default_factory=Faults)
    secret: frozenset[str] = frozenset()
    """The inputs that the requests mark as secret."""

    def replace(self, **changes: Any) -> World:
        """The same store with other fields, such as another account or update."""
        return replace(self, **changes)

    def create(self, token: str, urn: str = "it", /, **inputs: Any) -> Object:
        checked = self.cloud.check(token, inputs, name=f"{urn}-physical")
        physical_id, _ = self.cloud.create(self._request(token, urn, checked))
        return self.get(token, physical_id)

    def preview(self, token: str, urn: str = "it", /, **inputs: Any) -> None:
        """Previews a create."""
        planned.create(self._request(token, urn, inputs))

    def preview_update(self, object: Object, /, **changes: Any) -> None:
        """Previews an update."""
        request = self._request(object.kind, object.urn, {**object.properties, **changes}, id=object.id)
        planned.update(request, object.properties)

    def update(self, object: Object, /, **changes: Any) -> Object:
        self.cloud.update(
            self._request(object.kind, object.urn, {**object.properties, **changes}, id=object.id), object.properties
        )
        return self.get(object.kind, object.id)

    def delete(self, object: Object) -> None:
        self.cloud.delete(self._request(object.kind, object.urn, object.properties, id=object.id))

    def rejection(self, token: str, urn: str = "it", /, **inputs: Any) -> str:
        """The message with which the cloud rejects a create."""
        return rejection(lambda: self.create(token, urn, **inputs))

    def invoke(self, token: str, /, **inputs: Any) -> Any:
        return INVOKES[token](self._request(token, "", inputs))

    def get(self, token: str, id: str) -> Object:
        [match] = [each for each in self.all(token) if each.id == id]
        return match

    def all(self, token: str) -> list[Object]:
        """The objects of this account and region."""
        objects = self.store.find(token)
        return [each for each in objects if (each.account, each.region) == (self.account, self.region)]

    def change(self, object: Object, /, **properties: Any) -> None:
        """Changes an object in the store, without an update."""
        self.store.put(replace(object, properties={**object.properties, **properties}))

    @property
    def cloud(self) -> Cloud:
        return Cloud(
            store=self.store,
            root=self.root,
            types=self.types,
            run=self.run,
            faults=self.faults,
            ancestors=self.ancestors,
        )

    def request(self, object: Object) -> Request:
        """The update of an object to its own properties."""
        return self._request(object.kind, object.urn, object.properties, id=object.id)

    def _request(self, token: str, urn: str, inputs: dict[str, Any], id: str = "") -> Request:
        return Request(
            token=token,
            urn=urn,
            inputs=inputs,
            cloud=self.cloud,
            account=self.account,
            region=self.region,
            secret=self.secret,
            id=id,
        )


def rejection(request: Callable[[], object]) -> str:
    """The message with which the cloud rejects a request."""
    with pytest.raises(RejectedError) as error:
        request()
    return str(error.value)


def network(world: World) -> tuple[Object, list[Object]]:
    """Creates a VPC and one subnet in each of two zones."""
    vpc = world.create(types.VPC, "vpc", cidrBlock="10.0.0.0/16", enableDnsHostnames=True)
    zones = {"a": "10.0.0.0/20", "b": "10.0.16.0/20"}
    return vpc, [
        world.create(
            types.SUBNET, f"subnet-{zone}", vpcId=vpc.id, cidrBlock=block, availabilityZone=f"{world.region}{zone}"
        )
        for zone, block in zones.items()
    ]
