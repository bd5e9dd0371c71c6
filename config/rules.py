"""Rules between the keys of a stack file: pure functions from valid values to problems.

A type in fields.py or a bound in settings.py validates one value. A rule validates several values together, or a value
against the catalogue, the region or the folder of the program. A rule runs if the keys that it names are valid, even if
others are not, so that all problems are reported at once.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from config import rollout
from config.catalogue import Catalogue, Entry
from config.fields import is_simulated, regions
from config.job import LOGINS
from config.problems import Problem, did_you_mean, nearest, step
from config.rule import Context, rule
from config.section import Section
from config.settings import Database, Health, Ingress, Network, Settings
from config.size import configured_size, size_of
from ecs.database import least_increase, overlap
from ecs.instance_class import memory


def problems(valid: Mapping[type[Section], Mapping[str, Any]], context: Context) -> Iterator[Problem]:
    """Runs all rules. `valid` has the valid values of each section by field name."""
    for each in RULES:
        values = valid.get(each.section, {})
        if all(key in values for key in each.keys):
            section: Section = each.section.model_construct(set(values), **values)
            yield from each.check(section, context)


def zones_are_of_the_region(network: Network, context: Context) -> Iterator[Problem]:
    if context.region not in regions():
        return
    for index, zone in enumerate(network.zones):
        path = f"network.zones.{index}"
        if not re.fullmatch(rf"{context.region}[a-z]", zone):
            valid = f"must be a zone of aws:region, such as {context.region}{chr(ord('a') + index)}."
            yield Problem(path=path, value=zone, valid=valid)
        elif zone in network.zones[:index]:
            yield Problem(path=path, value=zone, valid="must be a zone that is not in the list yet.")


def a_check_times_out_within_its_interval(health: Health, _: Context) -> Iterator[Problem]:
    if health.timeout >= health.interval:
        valid = f"must be less than the interval, which is {health.interval}."
        yield Problem(path="ingress.health.timeout", value=health.timeout, valid=valid)


def the_storage_limit_is_no_less_than_an_increase(database: Database, _: Context) -> Iterator[Problem]:
    size, limit = database.storage, database.max_storage
    if limit is not None and limit != size and limit < (least := least_increase(size)):
        valid = f"must be at least {least}, 10 % more than storage; or {size}, so that RDS increases nothing."
        yield Problem(path="database.max-storage", value=limit, valid=valid)


def both_windows_are_set(database: Database, _: Context) -> Iterator[Problem]:
    """RDS chooses the other one, and may choose one that overlaps."""
    both = {"backup-window": database.backup_window, "maintenance-window": database.maintenance_window}
    missing = [key for key, value in both.items() if value is None]
    if len(missing) == 1:
        valid = "missing. Set both backup-window and maintenance-window, or neither."
        yield Problem(path=f"database.{missing[0]}", valid=valid)


def the_windows_do_not_overlap(database: Database, _: Context) -> Iterator[Problem]:
    backup, maintenance = database.backup_window, database.maintenance_window
    if backup and maintenance and overlap(backup, maintenance):
        valid = f"must not overlap with backup-window, which is {backup}."
        yield Problem(path="database.maintenance-window", value=maintenance, valid=valid)


def domain_and_zone_are_both_set(ingress: Ingress, _: Context) -> Iterator[Problem]:
    for key, own, other in (("domain", ingress.domain, ingress.zone_id), ("zone-id", ingress.zone_id, ingress.domain)):
        if own is None and other is not None:
            yield Problem(path=f"ingress.{key}", valid="missing. Set both domain and zone-id, or neither.")


def plain_http_is_open_to_named_ranges(stack: Settings, _: Context) -> Iterator[Problem]:
    if stack.ingress.domain is None and "allowed_cidrs" not in stack.ingress.model_fields_set:
        valid = "missing. Without a domain it lists the IPv4 ranges that may connect over HTTP."
        yield Problem(path="ingress.allowed-cidrs", valid=valid)


def only_a_firewall_limits_requests(stack: Settings, _: Context) -> Iterator[Problem]:
    if "request_limit" in stack.ingress.model_fields_set and not stack.ingress.firewall:
        valid = "has no effect without a firewall. Set ingress.firewall to true, or leave it out."
        yield Problem(path="ingress.request-limit", value=stack.ingress.request_limit, valid=valid)


def consumers_exist(stack: Settings, _: Context) -> Iterator[Problem]:
    """ECR rejects a repository policy that names an account that does not exist."""
    if is_simulated(stack.account):
        return
    for index, consumer in enumerate(stack.build.consumers if stack.build else ()):
        if is_simulated(consumer):
            valid = "must be an AWS account, not one of the simulator. For none, write []."
            yield Problem(path=f"build.consumers.{index}", value=consumer, valid=valid)


def the_boundary_is_of_the_account(stack: Settings, _: Context) -> Iterator[Problem]:
    arn = stack.permissions_boundary
    if arn and arn.split(":")[4] != stack.account:
        yield Problem(path="permissions-boundary", value=arn, valid=f"must be a policy of account {stack.account}.")


def alerts_have_one_destination(stack: Settings, context: Context) -> Iterator[Problem]:
    alerts = stack.alerts
    if alerts is None:
        return
    if bool(alerts.emails) == bool(alerts.topic):
        valid = "Set either emails, to which a topic of the stack sends, or topic, the ARN of an existing one."
        yield Problem(path="alerts", valid=valid)
    if alerts.topic and alerts.topic.split(":")[3] != context.region:
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
        valid = f"must be a topic in aws:region, {context.region}."
        yield Problem(path="alerts.topic", value=alerts.topic, valid=valid)


def a_budget_tells_somebody(stack: Settings, _: Context) -> Iterator[Problem]:
    if stack.budget is not None and stack.alerts is None:
        yield Problem(path="alerts", valid="missing. AWS Budgets tells its topic when the cost exceeds `budget`.")


def the_memory_of_the_database_is_known(stack: Settings, _: Context) -> Iterator[Problem]:
    """Two alarms are shares of it."""
    if stack.alerts and stack.alerts.database_class_memory is None and memory(stack.database.instance_class) is None:
        valid = f"missing. It must be the GiB of memory of {stack.database.instance_class}."
        yield Problem(path="alerts.database-class-memory", valid=valid)


def contexts_exist(stack: Settings, context: Context) -> Iterator[Problem]:
    if not stack.build:
        return
    folders = {each.name: stack.build.context_of(each) for each in context.catalogue.built}
    absent = [name for name, folder in sorted(folders.items()) if not (context.root / folder).is_dir()]
    if not absent:
        return
    if len(set(folders.values())) == 1:
        valid = "must be an existing folder, with the source of every service."
    else:
        listed = ", ".join(folders[name] for name in absent)
        valid = f"must lead to an existing folder for each service. Missing: {listed}."
    yield Problem(path="build.context", value=stack.build.context, valid=valid)


def a_stack_builds_or_is_pinned(stack: Settings, _: Context) -> Iterator[Problem]:
    either = "Set either build, to build the images, or images, to run pinned ones."
    if stack.build is None and stack.images is None:
        yield Problem(path="build", valid=f"missing. {either}")
    if stack.build is not None and stack.images is not None:
        yield Problem(path="images", valid=f"must not be set together with build. {either}")


def images_are_closed_under_calls(stack: Settings, context: Context) -> Iterator[Problem]:
    images = stack.images or {}
    yield from _unknown("images", {*images} - {LOGINS.name}, context.catalogue)
    for name, job in context.catalogue.jobs.items():
        if name in images and job.image:
            yield Problem(path=f"images.{name}", valid=f"must not be set, as {name} runs the image of {job.image}.")
    for entry in _known(images, context.catalogue):
        for callee in sorted(set(entry.calls) - set(images) - _misspelt(images, context.catalogue)):
            valid = (
                f"missing. {entry.name} calls {callee}: promote it before the call, end the call before the removal."
            )
            yield Problem(path=f"images.{callee}", valid=valid)


def the_job_of_the_logins_has_an_image(stack: Settings, _: Context) -> Iterator[Problem]:
    if stack.database.logins != "shared" and stack.images is not None and LOGINS.name not in stack.images:
        valid = (
            f"missing. database.logins is {stack.database.logins}: promote the image of the job that creates logins,"
            " from a stack that has them."
        )
        yield Problem(path=f"images.{LOGINS.name}", valid=valid)


def postgresql_takes_the_names_of_the_logins(stack: Settings, context: Context) -> Iterator[Problem]:
    """https://www.postgresql.org/docs/16/sql-createrole.html"""
    reserved = [
        name for name, each in context.catalogue.declared.items() if each.database and re.match("pg(-|$)", name)
    ]
    if stack.database.logins != "shared" and reserved:
        valid = f"must be shared, as PostgreSQL reserves names that begin with pg_, such as a login of {reserved[0]}."
        yield Problem(path="database.logins", value=stack.database.logins, valid=valid)


def sizes_exist(stack: Settings, context: Context) -> Iterator[Problem]:
    named = set(stack.sizes) - {"default"}
    yield from _unknown("sizes", named, context.catalogue, "default")
    of_default = ""
    for name in named & set(context.catalogue.jobs):
        for key in sorted({"min", "max"} & stack.sizes[name].model_fields_set):
            yield Problem(path=f"sizes.{name}.{key}", valid="must not be set, as a job has no number of tasks.")
    known = [name for name in context.catalogue.declared if name in named]
    for name in ["default", *known]:
        try:
            size_of(stack.sizes, name)
        except ValueError as error:
            if str(error) == of_default:
                continue  # the service inherits the problem
            of_default = str(error) if name == "default" else of_default
            valid = f"must be a size of Fargate. {str(error)[0].upper()}{str(error)[1:]}."
            yield Problem(path=f"sizes.{name}", value=configured_size(stack.sizes, name), valid=valid)


def rollouts_are_of_services(stack: Settings, context: Context) -> Iterator[Problem]:
    yield from _unknown("rollout", {*stack.rollout} - {"default"}, context.catalogue, "default", jobs=False)
    yield from rollout.problems(stack.rollout)


def redeployed_services_exist(stack: Settings, context: Context) -> Iterator[Problem]:
    yield from _unknown("redeploy", stack.redeploy, context.catalogue, jobs=False)


def secrets_are_those_of_the_entries(stack: Settings, context: Context) -> Iterator[Problem]:
    yield from _unknown("secrets", stack.secrets, context.catalogue)
    skipped = _misspelt(stack.secrets, context.catalogue)
    for entry in context.catalogue.declared.values():
        is_running = stack.images is None or entry.pin in stack.images
        configured, declared = set(stack.secrets.get(entry.name, {})), set(entry.secrets)
        unknown = sorted(configured - declared)
        for name in unknown:
            listed = f"{entry.name} declares {', '.join(sorted(declared)) or 'none'} in services.py."
            valid = f"no such secret.{did_you_mean(name, declared)} {listed}"
            yield Problem(path=f"secrets.{entry.name}.{step(name)}", valid=valid)
        meant = {nearest(name, declared) for name in unknown}
        for name in sorted(declared - configured - meant) if is_running and entry.name not in skipped else ():
            valid = "missing. It must be the ARN of this secret; `make secret` creates a simulated one."
            yield Problem(path=f"secrets.{entry.name}.{name}", valid=valid)


def _misspelt(names: Iterable[str], catalogue: Catalogue) -> set[str | None]:
    """The services and jobs that names of neither probably mean."""
    return {nearest(name, catalogue.declared) for name in names if name not in catalogue.declared}


def _known(names: Iterable[str], catalogue: Catalogue) -> list[Entry]:
    return [entry for entry in catalogue if entry.name in names]


def _unknown(
    path: str, names: Iterable[str], catalogue: Catalogue, *others: str, jobs: bool = True
) -> Iterator[Problem]:
    """Names that no service has, and no job if `jobs` may be named."""
    known = [*catalogue.names, *(catalogue.jobs if jobs else ())]
    listed = f"The services are {', '.join(catalogue.names) or 'none'}."
    if jobs and catalogue.jobs:
        listed += f" The jobs are {', '.join(catalogue.jobs)}."
    for name in sorted(set(names) - set(known)):
        valid = f"no such service.{did_you_mean(name, [*others, *known])} {listed}"
        yield Problem(path=f"{path}.{step(name)}", valid=valid)


RULES = (
    rule(Network, zones_are_of_the_region, "zones"),
    rule(Health, a_check_times_out_within_its_interval, "interval", "timeout"),
    rule(Database, the_storage_limit_is_no_less_than_an_increase, "storage", "max_storage"),
    rule(Database, both_windows_are_set, "backup_window", "maintenance_window"),
    rule(Database, the_windows_do_not_overlap, "backup_window", "maintenance_window"),
    rule(Ingress, domain_and_zone_are_both_set, "domain", "zone_id"),
    rule(Settings, plain_http_is_open_to_named_ranges, "ingress"),
    rule(Settings, only_a_firewall_limits_requests, "ingress"),
    rule(Settings, consumers_exist, "account", "build"),
    rule(Settings, the_boundary_is_of_the_account, "account", "permissions_boundary"),
    rule(Settings, alerts_have_one_destination, "alerts"),
    rule(Settings, a_budget_tells_somebody, "alerts", "budget"),
    rule(Settings, the_memory_of_the_database_is_known, "alerts", "database"),
    rule(Settings, contexts_exist, "build"),
    rule(Settings, a_stack_builds_or_is_pinned, "build", "images"),
    rule(Settings, images_are_closed_under_calls, "images"),
    rule(Settings, the_job_of_the_logins_has_an_image, "images", "database"),
    rule(Settings, postgresql_takes_the_names_of_the_logins, "database"),
    rule(Settings, sizes_exist, "sizes"),
    rule(Settings, rollouts_are_of_services, "rollout"),
    rule(Settings, redeployed_services_exist, "redeploy"),
    rule(Settings, secrets_are_those_of_the_entries, "images", "secrets"),
)
