"""The dashboard of a stack in CloudWatch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi_aws as aws
from pulumi import ComponentResource, Output, ResourceOptions

from components.alerts import Alerts
from components.platform import Platform
from components.service import Service
from ecs.dashboard import View, body


@dataclass(frozen=True, kw_only=True)
class DashboardArgs:
    platform: Platform
    alerts: Alerts
    insights: bool
    services: Sequence[Service]
    """Created before the dashboard, which shows their alarms."""


class Dashboard(ComponentResource):
    """One row for each service, below the gateway and the database. What it shows: ecs/dashboard.py."""

    def __init__(self, name: str, args: DashboardArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__("marginalia:alerts:Dashboard", name, None, opts)
        aws.cloudwatch.Dashboard(
            f"{name}-dashboard",
            dashboard_name=args.platform.prefix,
            dashboard_body=_known(args).apply(lambda known: json.dumps(body(_view(args, known)))),
            opts=ResourceOptions(parent=self),
        )
        self.register_outputs({})


def _known(args: DashboardArgs) -> Output[dict[str, Any]]:
    """What AWS assigns."""
    platform = args.platform
    declared = [*args.alerts.alarms, *(alarm for each in args.services for alarm in each.alarms)]
    return Output.all(
        alarms=Output.all(*(each.arn for each in declared)),
        rules=Output.all(*args.alerts.rules),
        balancer=platform.ingress.balancer_suffix,
        targets=Output.all(*platform.ingress.target_group_suffixes),
        database=platform.database.identifier,
        cluster=platform.cluster.name,
    )


def _view(args: DashboardArgs, known: dict[str, Any]) -> View:
    return View(
        region=args.platform.region,
        thresholds=args.alerts.thresholds,
        insights=args.insights,
        services={each.entry.name: each.tasks for each in args.services},
        **known,
    )
