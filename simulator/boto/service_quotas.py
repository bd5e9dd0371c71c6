"""The methods of boto3's Service Quotas client that ops uses."""

from __future__ import annotations

from dataclasses import dataclass

from simulator.store import Properties, Store

DEFAULT = 4000.0
"""AWS's default of both vCPU quotas of Fargate, which the simulated accounts have; a new account may have less.
https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html"""


@dataclass(frozen=True, kw_only=True)
class ServiceQuotas:
    """https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/"""

    store: Store
    account: str
    region: str

    def get_service_quota(self, *, ServiceCode: str, QuotaCode: str) -> Properties:  # noqa: N803, as in boto3
        """https://docs.aws.amazon.com/servicequotas/2019-06-24/apireference/API_GetServiceQuota.html"""
        return {"Quota": {"ServiceCode": ServiceCode, "QuotaCode": QuotaCode, "Value": DEFAULT}}
