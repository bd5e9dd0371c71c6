"""What `make picture` draws, and that the README shows it."""

from __future__ import annotations

from simulator.picture import draw, put_into
from tests.declared import ROOT
from tests.engine.conftest import Checkout


def test_the_readmes_picture_is_what_dev_as_committed_deploys(as_committed: Checkout) -> None:
    readme = (ROOT / "README.md").read_text()
    drawn = put_into(readme, draw(as_committed.simulator, "dev"))
    assert drawn == readme, "`make generate` draws it anew"


def test_a_platform_without_services_answers_and_keeps_its_data(checkout: Checkout) -> None:
    assert (
        draw(checkout.simulator, "prod")
        == """\
flowchart LR
    outside0(["the internet"])
    subgraph vpc["VPC 10.30.0.0/16 in us-east-1a, us-east-1b, us-east-1c"]
        ingress["load balancer<br>answers 503"]
        database[("postgres 16<br>db.m7g.large, two zones")]
    end
    bucket[("S3<br>marginalia-content-prod")]
    outside0 -- 443 --> ingress
    outside0 -- 80 --> ingress
"""
    )
    assert not checkout.home.exists()
