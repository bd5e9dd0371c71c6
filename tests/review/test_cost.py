"""`review cost` on the real engine: of a stack that is not deployed, with advice that is estimated."""

from __future__ import annotations

import pytest

from cost import advice
from cost.advice import Candidate, Section
from cost.deployment import read
from cost.estimate import estimate
from review import trial
from review.advise import advise
from tests.engine.conftest import Checkout


def test_advice_is_the_estimate_of_the_changed_stack_and_leaves_the_stack_file_as_it_is(
    checkout: Checkout, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = advice.candidates

    def two(section: Section) -> list[Candidate]:
        """One that saves, one that a rule between keys forbids, and one that costs more."""
        [arm] = [each for each in found(section) if each.text == "architecture: arm64"]
        [endpoints] = [each for each in found(section) if each.text == "network.egress: endpoints"]
        forbidden = Candidate(text="budget: 1", loses="", section={**section, "budget": 1})
        return [endpoints, forbidden, arm]

    monkeypatch.setattr(advice, "candidates", two)
    file = checkout.root / "Pulumi.dev.yaml"
    before = file.read_text()
    current = estimate(read(trial.declared(checkout.simulator, "dev")))
    [only] = advise(checkout.simulator, "dev", current)
    vcpu, gigabyte = 730 * (0.04048 - 0.03238), 730 * (0.004445 - 0.00356)
    assert only.text == "architecture: arm64"
    assert (only.saves_least, only.saves_most) == pytest.approx(
        (5 * (0.25 * vcpu + 0.5 * gigabyte), 10 * (0.25 * vcpu + 0.5 * gigabyte))
    )
    assert file.read_text() == before
    assert not checkout.home.exists, "the estimate deploys nothing that stays"
