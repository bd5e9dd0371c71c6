"""The table of `make cost`, and its JSON."""

from __future__ import annotations

import io
import json
from dataclasses import replace

from cost.advice import Advice
from cost.deployment import Deployment
from cost.estimate import Estimate, estimate
from review.render import costs
from simulator.report import console
from tests.declared import declare_program
from tests.priced import deployment

ADVICE = [Advice(text="spot: 50", loses="tasks that stay", saves_least=15.5, saves_most=31)]


def dev() -> Estimate:
    return estimate(deployment(declare_program(expect={"gigabytes-out": 100})))


def shown(found: Estimate, advice: list[Advice] | None = None) -> str:
    text = io.StringIO()
    costs.show(console(text, width=100), "dev", found, advice)
    return text.getvalue()


def test_the_bar_of_the_largest_amount_is_the_longest_and_that_of_tasks_grows_to_the_highest_number() -> None:
    lines = shown(dev()).splitlines()
    [gateway] = [line for line in lines if "a NAT gateway in us-east-1a" in line]
    [tasks] = [line for line in lines if "tasks of mcp" in line]
    assert gateway.count("█") == costs.BAR
    assert (tasks.count("█"), tasks.count("░")) == (5, 5)


def test_expected_use_is_in_the_sum_and_what_is_not_expected_has_only_its_price() -> None:
    text = shown(dev())
    assert "dev: $131.46 to $183.41 a month" in text, "100 GB out cost $9.00 and $0.80 of capacity units"
    assert "the expected use" in text
    [images] = [line for line in text.splitlines() if "images in ECR" in line]
    assert "$0.10 / GB-month" in images


def test_weak_prices_missing_prices_and_the_budget_are_named_below() -> None:
    found = replace(dev(), unknown=("tasks of mcp: no price of it in us-east-1",), budget=200)
    lines = shown(found).splitlines()
    assert lines[-4:] == [
        costs.BASIS,
        "* a price of a single or weak source.",
        "Not in the amounts: tasks of mcp: no price of it in us-east-1.",
        "Budget: $200.00 a month.",
    ]


def test_advice_has_what_it_saves_and_what_it_gives_up() -> None:
    [line] = [line for line in shown(dev(), ADVICE).splitlines() if "spot: 50" in line]
    assert [cell.strip() for cell in line.strip("│").split("│")] == ["spot: 50", "$15.50", "$31.00", "tasks that stay"]


def test_a_stack_without_any_price_is_shown() -> None:
    assert "$0.00 a month" in shown(estimate(Deployment(region="", resources={})))


def test_json_has_the_amounts_the_sums_and_the_advice() -> None:
    found = json.loads(costs.as_json(dev(), ADVICE))
    assert round(found["least"], 2) == 131.46
    [tasks] = [each for each in found["amounts"] if (each["thing"], each["of"]) == ("tasks", "mcp")]
    assert (round(tasks["least"], 2), round(tasks["most"], 2), tasks["component"]) == (9.01, 18.02, "mcp")
    assert found["advice"] == [{"text": "spot: 50", "loses": "tasks that stay", "saves_least": 15.5, "saves_most": 31}]
    assert "advice" not in json.loads(costs.as_json(dev()))
