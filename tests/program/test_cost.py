"""Five whole stacks, estimated by hand from AWS's list prices in us-east-1.

Prices: https://aws.amazon.com/fargate/pricing/, /elasticloadbalancing/pricing/, /vpc/pricing/,
/rds/postgresql/pricing/, /secrets-manager/pricing/, /cloudwatch/pricing/ and /waf/pricing/.
"""

from __future__ import annotations

from typing import Any

import pytest

from cost.estimate import estimate
from tests.declared import declare_program
from tests.images import images
from tests.priced import deployment

HOURS = 730
VCPU, GB = 0.04048 * HOURS, 0.004445 * HOURS
ARM_VCPU, ARM_GB = 0.03238 * HOURS, 0.00356 * HOURS
BALANCER = 0.0225 * HOURS
ADDRESS = 0.005 * HOURS
NAT = 0.045 * HOURS
ENDPOINT = 0.01 * HOURS
SECRET, ALARM, DASHBOARD = 0.40, 0.10, 3.00
SERVICES = 5
SCALING_ALARMS = SERVICES * 2 * 2 * ALARM
"""Two policies for each service, with two alarms each."""
MICRO, GP3 = 0.016 * HOURS, 0.115
TWO = ["us-east-1a", "us-east-1b"]
THREE = [*TWO, "us-east-1c"]
CIDR = "10.20.0.0/16"
NAMES = ("authsvc", "chatsvc", "mcp", "promptsvc", "scrapsvc")

SHAPES: dict[str, tuple[dict[str, Any], float, float]] = {
    "dev: one NAT gateway and the smallest of all": (
        {},
        5 * (0.25 * VCPU + 0.5 * GB)  # 45.05
        + BALANCER + 2 * ADDRESS  # 16.425 + 7.30
        + NAT + ADDRESS  # 32.85 + 3.65
        + MICRO + 20 * GP3  # 11.68 + 2.30
        + SECRET + SCALING_ALARMS,  # 0.40 + 2.00
        5 * (0.25 * VCPU + 0.5 * GB) + (80 - 20) * GP3,  # twice the tasks, four times the storage
    ),
    "public: an address for each task in place of the gateway, on ARM": (
        {"network": {"cidr": CIDR, "zones": TWO, "egress": "public"}, "architecture": "arm64"},
        5 * (0.25 * ARM_VCPU + 0.5 * ARM_GB + ADDRESS)
        + BALANCER + 2 * ADDRESS
        + MICRO + 20 * GP3
        + SECRET + SCALING_ALARMS,
        5 * (0.25 * ARM_VCPU + 0.5 * ARM_GB + ADDRESS) + 60 * GP3,
    ),
    "endpoints: four of them in each of three zones, tasks of a fixed number": (
        {"network": {"cidr": CIDR, "zones": THREE, "egress": "endpoints"}, "sizes": {"default": {"max": 1}}},
        5 * (0.25 * VCPU + 0.5 * GB)
        + BALANCER + 3 * ADDRESS
        + 4 * 3 * ENDPOINT  # 87.60
        + MICRO + 20 * GP3
        + SECRET,
        60 * GP3,
    ),
    "a firewall, alarms and a dashboard": (
        {"ingress": {"allowed-cidrs": ["0.0.0.0/0"], "firewall": True}, "alerts": {"emails": ["ops@example.com"]}},
        5 * (0.25 * VCPU + 0.5 * GB)
        + BALANCER + 2 * ADDRESS
        + NAT + ADDRESS
        + MICRO + 20 * GP3
        + SECRET + SCALING_ALARMS
        + 5 + 4 * 1  # the web ACL and its rules
        + (2 + 1 + 1 + 1 + 4 + 1) * ALARM  # errors in percent, 503s, latency, targets; the database; the gateway
        + SERVICES * 2 * ALARM  # memory, and tasks that run less than the lowest number
        + DASHBOARD,
        5 * (0.25 * VCPU + 0.5 * GB) + 60 * GP3,
    ),
    "prod: three gateways and a database in two zones": (
        {
            "build": None,
            "images": images(NAMES),
            "protect": True,
            "network": {"cidr": CIDR, "zones": THREE, "egress": "nat-per-zone"},
            "database": {"class": "db.m7g.large", "storage": 100, "multi-az": True, "backup-days": 14},
            "sizes": {"default": {"cpu": 512, "memory": 1024, "min": 2, "max": 6}},
            "insights": True,
        },
        10 * (0.5 * VCPU + 1 * GB)  # 180.20
        + BALANCER + 3 * ADDRESS  # 27.375
        + 3 * (NAT + ADDRESS)  # 109.50
        + 2 * (0.168 * HOURS + 100 * GP3)  # 268.28
        + SECRET + SCALING_ALARMS,
        20 * (0.5 * VCPU + 1 * GB) + 2 * 300 * GP3,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("settings", "least", "more"), SHAPES.values(), ids=SHAPES)
def test_a_whole_stack_costs_what_its_parts_cost_by_hand(settings: dict[str, Any], least: float, more: float) -> None:
    found = estimate(deployment(declare_program(**settings)))
    assert found.unknown == (), "a stack in us-east-1 has a price for everything"
    assert (found.least, found.most) == pytest.approx((least, least + more), abs=0.01)


def test_a_region_without_prices_names_everything_that_costs_something() -> None:
    declared = declare_program()
    here, elsewhere = (estimate(deployment(declared, region)) for region in ("us-east-1", "sa-east-1"))
    named = {each.partition(":")[0] for each in elsewhere.unknown}
    of_here, of_elsewhere = (
        {*(each.name for each in found.amounts), *(each.thing for each in found.used)} for found in (here, elsewhere)
    )
    assert of_here == named | of_elsewhere, "nothing is silently free"
