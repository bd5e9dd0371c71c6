"""Every rule that the policy pack enforces. A rule that is not listed here has no effect."""

from __future__ import annotations

from policy import alerts, budget, data, network, permissions, tasks
from policy.rule import Rule, StackRule

RULES: tuple[Rule | StackRule, ...] = (
    permissions.permissions_name_what_they_allow,
    permissions.only_the_job_of_the_logins_is_the_master_user,
    permissions.only_debug_tasks_serve_sessions,
    permissions.permissions_are_written_as_role_policies,
    network.databases_and_subnets_give_no_public_address,
    network.routes_are_declared_in_route_tables,
    network.tasks_have_no_public_address,
    network.the_internet_reaches_only_the_load_balancer,
    network.ingress_is_declared_by_ingress_rules,
    data.databases_are_encrypted,
    data.buckets_are_encrypted,
    data.buckets_block_public_access,
    data.logs_expire,
    data.protected_data_is_kept,
    data.a_stack_protects_all_its_data,
    alerts.a_protected_stack_tells_somebody,
    budget.a_stack_stays_within_its_budget,
    tasks.images_are_named_by_digest,
    tasks.containers_cannot_be_changed,
    tasks.services_have_no_shell,
    tasks.no_secret_in_plain_environment,
    tasks.no_secret_in_a_plain_parameter,
    tasks.the_circuit_breaker_is_on,
    tasks.a_stack_builds_all_its_images_or_none,
)
