"""tools/prices.py on recorded answers of the Price List API, with requests that botocore accepts."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any, cast

import boto3
import pytest
from botocore.stub import Stubber

from cost import prices
from cost.prices import ANYWHERE, Price
from tools.prices import NARROWED, PREFIX, REGION_FIELD, WANTED, changed, renewed, wanted

RECORDED: list[dict[str, Any]] = json.loads(Path(__file__).with_name("recorded_prices.json").read_text())
TODAY = date(2026, 11, 27)


def row(item: str, service: str, usd: float, region: str = "us-east-1") -> Price:
    return Price(
        service=service, item=item, region=region, unit="", usd=usd, source="old", date="2020-01-01", weak=True
    )


def answered(table: list[Price], region: str = "us-east-1", *, pages: int = 1) -> list[Price]:
    """The table, renewed by a client that gets the recorded products of each service, in pages."""
    credentials = {"aws_access_key_id": "none", "aws_secret_access_key": "none"}
    client: Any = cast(Any, boto3).client("pricing", region_name="us-east-1", **credentials)
    with Stubber(client) as stub:
        for service in sorted({each.service for each in table}):
            found = [json.dumps(each["product"]) for each in RECORDED if each["service"] == service]
            terms = {REGION_FIELD.get(service, "regionCode"): region, **NARROWED.get(service, {})}
            filters = [{"Type": "TERM_MATCH", "Field": key, "Value": value} for key, value in terms.items()]
            request: dict[str, Any] = {"ServiceCode": service, "Filters": filters, "MaxResults": 100}
            for page in range(pages):
                token = {"NextToken": f"page{page + 1}"} if page < pages - 1 else {}
                after = {"NextToken": f"page{page}"} if page else {}
                stub.add_response("get_products", {"PriceList": found[page::pages], **token}, {**request, **after})
        result = renewed(client, table, region, TODAY)
        stub.assert_no_pending_responses()
    return result


@pytest.mark.parametrize("pages", [1, 2])
def test_a_row_gets_the_recorded_price_and_is_no_longer_weak(pages: int) -> None:
    table = [row("fargate/arm64/vcpu", "AmazonECS", 1), row("nat-gateway", "AmazonEC2", 1)]
    after = {each.item: each for each in answered(table, pages=pages)}
    assert {item: (each.usd, each.source, each.date, each.weak) for item, each in after.items()} == {
        "fargate/arm64/vcpu": (0.03238, "Price List API", "2026-11-27", False),
        "nat-gateway": (0.045, "Price List API", "2026-11-27", False),
    }
    assert changed(table, after.values()) == [
        "fargate/arm64/vcpu in us-east-1: $1.00 → $0.03238",
        "nat-gateway in us-east-1: $1.00 → $0.045",
    ]


def test_what_the_api_does_not_answer_keeps_its_row() -> None:
    table = [row("fargate/storage", "AmazonECS", 0.000111)]
    assert answered(table) == table
    assert changed(table, table) == []


def test_a_price_that_is_the_same_everywhere_gets_no_row_for_a_region() -> None:
    table = [row("nat-gateway", "AmazonEC2", 0.045, ANYWHERE)]
    assert answered(table) == table


def test_a_new_region_gets_a_row() -> None:
    [old, new] = answered([row("nat-gateway", "AmazonEC2", 0.048, "eu-west-1")])
    assert ((old.region, old.usd), (new.region, new.usd)) == (("eu-west-1", 0.048), ("us-east-1", 0.045))


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        ("USE1-Fargate-GB-Hours", "Fargate-GB-Hours"),
        ("EU-NatGateway-Hours", "NatGateway-Hours"),
        ("EUC1-RDS:GP3-Storage", "RDS:GP3-Storage"),
        ("eu-central-1-KMS-Keys", "KMS-Keys"),
        ("AWSSecretsManager-Secrets", "AWSSecretsManager-Secrets"),
        ("LCUUsage", "LCUUsage"),
    ],
)
def test_the_prefix_of_a_region_is_left_out(usage: str, expected: str) -> None:
    """As bills and the Price List write them."""
    assert PREFIX.sub("", usage) == expected


def test_what_is_renewed_is_in_the_table() -> None:
    assert set(WANTED) <= {each.item for each in prices.table()}


def test_a_class_of_rds_is_asked_for_in_one_zone() -> None:
    found = wanted("database/db.m7g.large")
    assert found is not None
    assert (found.usage, found.attributes) == ("InstanceUsage:db.m7g.large", {"deploymentOption": "Single-AZ"})
