"""The methods of boto3's RDS client that ops uses."""

from __future__ import annotations

from dataclasses import dataclass

from ecs import types
from simulator.boto.errors import client_error
from simulator.store import Properties, Store


@dataclass(frozen=True, kw_only=True)
class Rds:
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/"""

    store: Store
    account: str
    region: str

    def describe_db_instances(self, *, DBInstanceIdentifier: str) -> Properties:  # noqa: N803, the name is boto3's
        """One instance. https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribeDBInstances.html"""
        found = self.store.located(types.DB_INSTANCE, self.account, self.region, identifier=DBInstanceIdentifier)
        if found:
            return {"DBInstances": [_instance(found[0].properties)]}
        message = f"DBInstance {DBInstanceIdentifier} not found."
        raise client_error("DescribeDBInstances", "DBInstanceNotFound", message)


def _instance(properties: Properties) -> Properties:
    return {
        "DBInstanceIdentifier": properties["identifier"],
        "DBInstanceStatus": "available",
        "DBInstanceClass": properties["instanceClass"],
        "Engine": properties["engine"],
        "EngineVersion": str(properties["engineVersion"]),
        "AllocatedStorage": int(properties["allocatedStorage"]),
        "MultiAZ": bool(properties.get("multiAz")),
        "PendingModifiedValues": {},
    }
