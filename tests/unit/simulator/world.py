"""A simulated cloud, asked as a provider asks it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from simulator.aws import INVOKES, ec2
from simulator.cloud import Call, Cloud, RefusedError, ResourceType
from simulator.engine import TYPES
from simulator.store import Object, Store
from tests.declared import ACCOUNT, REGION, ROOT


@dataclass(frozen=True, kw_only=True)
class World:
    """One account and region of a cloud. What a test makes gets its name as URN."""

    store: Store
    types: Mapping[str, ResourceType] = field(default_factory=lambda: TYPES)
    root: Path = ROOT
    account: str = ACCOUNT
    region: str = REGION
    run: str = ""
    ancestors: Callable[[str], frozenset[str]] | None = None
    faults: Mapping[str, str] = field(default_factory=dict[str, str])
    secret: frozenset[str] = frozenset()
    """The inputs that the requests mark as secret."""

    def but(self, **changes: Any) -> World:
        """The same cloud, seen from elsewhere or in another update."""
        return replace(self, **changes)

    def create(self, token: str, urn: str = "it", /, **inputs: Any) -> Object:
        completed = self.cloud.check(token, inputs, name=f"{urn}-physical")
        made, _ = self.cloud.create(self._call(token, urn, completed))
        return self.get(token, made)

    def update(self, made: Object, /, **changes: Any) -> Object:
        self.cloud.update(self._call(made.kind, made.urn, {**made.properties, **changes}, id=made.id), made.properties)
        return self.get(made.kind, made.id)

    def delete(self, made: Object) -> None:
        self.cloud.delete(self._call(made.kind, made.urn, made.properties, id=made.id))

    def refusal(self, token: str, urn: str = "it", /, **inputs: Any) -> str:
        """What the cloud says to a create that it refuses."""
        return refusal(lambda: self.create(token, urn, **inputs))

    def invoke(self, token: str, /, **inputs: Any) -> Any:
        return INVOKES[token](self._call(token, "", inputs))

    def get(self, token: str, id: str) -> Object:
        [made] = [each for each in self.all(token) if each.id == id]
        return made

    def all(self, token: str) -> list[Object]:
        """What there is in this account and region."""
        found = self.store.find(token)
        return [each for each in found if (each.account, each.region) == (self.account, self.region)]

    def change(self, made: Object, /, **properties: Any) -> None:
        """Changes something behind everybody's back."""
        self.store.put(replace(made, properties={**made.properties, **properties}))

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

    def _call(self, token: str, urn: str, inputs: dict[str, Any], id: str = "") -> Call:
        return Call(
            token=token,
            urn=urn,
            inputs=inputs,
            cloud=self.cloud,
            account=self.account,
            region=self.region,
            secret=self.secret,
            id=id,
        )


def refusal(request: Callable[[], object]) -> str:
    """What the cloud says to a request that it refuses."""
    with pytest.raises(RefusedError) as refused:
        request()
    return str(refused.value)


def network(world: World) -> tuple[Object, list[Object]]:
    """A VPC and a subnet in each of two zones."""
    vpc = world.create(ec2.VPC, "vpc", cidrBlock="10.0.0.0/16")
    zones = {"a": "10.0.0.0/20", "b": "10.0.16.0/20"}
    return vpc, [
        world.create(
            ec2.SUBNET, f"subnet-{zone}", vpcId=vpc.id, cidrBlock=block, availabilityZone=f"{world.region}{zone}"
        )
        for zone, block in zones.items()
    ]
