"""The flowchart of a stack, and the one in the README."""

from __future__ import annotations

from review.cli import draw
from review.render.mermaid import put_into
from tests.declared import ROOT
from tests.engine.conftest import Checkout


def test_the_readmes_picture_is_what_dev_as_committed_deploys(as_committed: Checkout) -> None:
    readme = (ROOT / "README.md").read_text()
    current = put_into(readme, draw(as_committed.simulator, "dev"))
    assert current == readme, "`make generate` updates it"


def test_a_stack_without_services_has_a_load_balancer_a_database_and_a_bucket(checkout: Checkout) -> None:
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
    legend["$406 to $475 a month<br>and what costs by use"]
"""
    )
    assert not checkout.home.path.exists(), "the flowchart comes from a temporary state directory"
