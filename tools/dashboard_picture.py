"""docs/dashboard.svg: the dashboard of a stack with all services, the smallest sizes and Container Insights."""

from __future__ import annotations

from config.alerts import Alerts
from config.catalogue import Catalogue
from config.size import SIZE
from ecs import alarms
from ecs.dashboard import View, body
from ecs.events import events
from ecs.instance_class import GIB
from review.render import dashboard

ARN = "arn:aws:cloudwatch:us-east-1:111122223333:alarm:mrgnl-"


def picture(catalogue: Catalogue) -> str:
    return dashboard.svg(body(view(catalogue)))


def view(catalogue: Catalogue) -> View:
    thresholds = Alerts().alarm_thresholds
    return View(
        region="us-east-1",
        thresholds=thresholds,
        alarms=[f"{ARN}{each.name}" for each in _alarms(catalogue, thresholds)],
        rules=[f"mrgnl-{each.name}" for each in events("")],
        balancer="app/balancer/1",
        targets=["targetgroup/target/1"],
        database="mrgnl",
        cluster="mrgnl",
        insights=True,
        services=dict.fromkeys(catalogue.names, SIZE["min"]),
    )


def _alarms(catalogue: Catalogue, thresholds: alarms.Thresholds) -> list[alarms.Alarm]:
    return [
        *alarms.gateway(thresholds, "balancer", ["target"], ""),
        alarms.unhealthy("balancer", ["target"], ""),
        *alarms.database(thresholds, "mrgnl", storage=20, memory=GIB, status=""),
        alarms.nat("nat", "nat-1", ""),
        *(
            alarm
            for name in catalogue.names
            for alarm in alarms.service(thresholds, name, cluster="mrgnl", service=name, tasks=SIZE["min"], why="")
        ),
    ]
