"""Which changes of a stack file are tried."""

from __future__ import annotations

from cost.advice import Section, candidates

SMALL: Section = {"network": {"cidr": "10.20.0.0/16"}}
LARGE: Section = {
    "architecture": "arm64",
    "spot": 80,
    "network": {"egress": "nat-per-zone"},
    "ingress": {"firewall": True},
    "database": {"class": "db.m7g.xlarge", "multi-az": True, "insights": "advanced"},
    "sizes": {"default": {"cpu": 512, "memory": 1024, "min": 2}},
    "insights": True,
    "log-retention-days": 90,
}
CHEAPEST: Section = {"architecture": "arm64", "spot": 50, "network": {"egress": "public"}, "log-retention-days": 7}


def texts(section: Section) -> set[str]:
    return {each.text for each in candidates(section)}


def test_a_small_stack_can_still_save_by_its_processor_spot_egress_and_logs() -> None:
    assert texts(SMALL) == {
        "architecture: arm64",
        "spot: 50",
        "network.egress: endpoints",
        "network.egress: public",
        "log-retention-days: 7",
    }


def test_a_large_stack_can_save_by_each_key_that_it_spends_on() -> None:
    assert texts(LARGE) == {
        "sizes.default.cpu: 256, sizes.default.memory: 512",
        "sizes.default.min: 1",
        "network.egress: nat",
        "network.egress: endpoints",
        "network.egress: public",
        "ingress.firewall: false",
        "database.multi-az: false",
        "database.insights: standard",
        "database.class: db.m7g.large",
        "insights: false",
        "log-retention-days: 7",
    }


def test_the_cheapest_stack_has_no_change_to_try() -> None:
    assert texts(CHEAPEST) == set()


def test_the_limit_goes_with_the_firewall_without_which_it_is_refused() -> None:
    limited: Section = {**CHEAPEST, "ingress": {"firewall": True, "request-limit": 100, "idle-timeout": 90}}
    [found] = candidates(limited)
    assert found.text == "ingress.firewall: false, ingress.request-limit: removed"
    assert found.section["ingress"] == {"firewall": False, "idle-timeout": 90}


def test_a_change_leaves_the_rest_of_the_stack_file_and_the_given_one_as_they_are() -> None:
    [found] = [each for each in candidates(SMALL) if each.text == "network.egress: public"]
    assert found.section == {"network": {"cidr": "10.20.0.0/16", "egress": "public"}}
    assert SMALL == {"network": {"cidr": "10.20.0.0/16"}}
