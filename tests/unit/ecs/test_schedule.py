"""The grammar of schedules against what AWS took and refused, as LocalStack recorded it.

https://github.com/localstack/localstack/tree/80228c97c32ab208fff993916bf50d528591110e/tests/aws/services/scheduler
https://github.com/localstack/localstack/blob/00d6da4b4d69bf0b55cecb8e0e995663b5e7ccb4/tests/aws/services/events/test_events_schedule.py
"""

from __future__ import annotations

import pytest

from ecs import schedule

TAKEN = (
    "cron(* * ? * SAT#3 *)",
    "cron(0 12 * * ? *)",
    "cron(0 18 ? * MON-FRI *)",
    "cron(0 2 ? * SAT *)",
    "cron(0 2 ? * SAT#3 *)",
    "cron(0 8 1 * ? *)",
    "cron(0/15 * * * ? *)",
    "cron(0/30 20-23 ? * MON-FRI *)",
    "cron(0/5 5 ? JAN 1-5 2022)",
    "cron(0/5 8-17 ? * MON-FRI *)",
    "cron(15 10 ? * 6L 2002-2005)",
    "cron(5,35 14 * * ? *)",
    "rate(1 minute)",
)
"""Rules of EventBridge took them; Scheduler's grammar of cron is the same."""
DOCUMENTED = ("cron(0 10 L * ? *)", "cron(0 10 3W * ? *)", "rate(12 hours)", "rate(5 minutes)")
REFUSED = (
    " rate(10 minutes)",
    "cron()",
    "cron(0 1 * * * *)",
    "cron(0 dummy ? * MON-FRI *)",
    "cron(7 20 * * NOT *)",
    "cron(71 8 1 * ? *)",
    "cron(INVALID)",
    "rate( 10 minutes )",
    "rate()",
    "rate(-10 minutes)",
    "rate(10 minutess)",
    "rate(10 seconds)",
    "rate(10 years)",
    "rate(10)",
    "rate(foo minutes)",
)


@pytest.mark.parametrize("expression", [*TAKEN, *DOCUMENTED])
def test_what_aws_takes_has_no_problem(expression: str) -> None:
    assert schedule.problem(expression) == ""


@pytest.mark.parametrize("expression", REFUSED)
def test_what_aws_refuses_has_a_problem(expression: str) -> None:
    assert schedule.problem(expression) != ""


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("0 3 * * *", "it is neither rate(…) nor cron(…)"),
        ("at(2026-01-01T00:00:00)", "it is neither rate(…) nor cron(…)"),
        ("rate(0 minutes)", "a rate is a number above 0 and minutes, hours or days"),
        (
            "cron(0 3 * * ?)",
            "cron has six fields (minutes, hours, day-of-month, month, day-of-week, year), not 5",
        ),
        ("cron(0 24 * * ? *)", "24 is no value of hours"),
        ("cron(0 3 ? * ? *)", "one of day-of-month and day-of-week must be ?, and not both"),
        ("cron(0/0 3 * * ? *)", "0/0 is no value of minutes"),
        ("cron(0 3 32W * ? *)", "32W is no value of day-of-month"),
    ],
)
def test_the_problem_names_what_is_wrong(expression: str, problem: str) -> None:
    assert schedule.problem(expression) == problem
