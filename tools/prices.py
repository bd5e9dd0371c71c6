"""Renews cost/prices.csv from AWS's Price List API and prints what changed.

`python -m tools.prices [REGION ...]`, with credentials that allow `pricing:GetProducts`, of any account. What the API
does not answer keeps its row. docs/cost.md#the-price-table
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from typing import Any, cast

from botocore.exceptions import BotoCoreError, ClientError

from cost import prices
from cost.money import unit_price
from cost.prices import ANYWHERE, Price

ENDPOINT = "us-east-1"
"""The API is in few regions and answers for all: https://docs.aws.amazon.com/general/latest/gr/billing.html"""
SOURCE = "Price List API"
PAGE = 100
"""Products of a page, the most that the API takes."""
PREFIX = re.compile(r"^(?:[A-Z]{2,4}\d?|[a-z]{2}-[a-z]+-\d)-")
"""A region's prefix of a usage type, such as `EUC1-` and, of KMS, `eu-central-1-`. us-east-1 has none for some."""
Product = Mapping[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Where the price of an item is in the answers for its service."""

    usage: str
    """The usage type without the region's prefix."""
    attributes: Mapping[str, str] = field(default_factory=dict[str, str])
    times: float = 1
    """The table's units in one of the API's."""


_ALB = {"operation": "LoadBalancing:Application"}
_SINGLE = {"deploymentOption": "Single-AZ"}
WANTED: Mapping[str, Wanted] = {
    "alarm": Wanted("CW:AlarmMonitorUsage"),
    "bucket/gb": Wanted("TimedStorage-ByteHrs"),
    "bucket/reads": Wanted("Requests-Tier2", times=1000),
    "bucket/writes": Wanted("Requests-Tier1", times=1000),
    "data/internet": Wanted("DataTransfer-Out-Bytes"),
    "data/zones": Wanted("DataTransfer-Regional-Bytes"),
    "database/backup": Wanted("RDS:ChargedBackupUsage"),
    "database/gp3": Wanted("RDS:GP3-Storage", _SINGLE),
    "endpoint": Wanted("VpcEndpoint-Hours"),
    "endpoint/gb": Wanted("VpcEndpoint-Bytes"),
    "fargate/arm64/gb": Wanted("Fargate-ARM-GB-Hours"),
    "fargate/arm64/vcpu": Wanted("Fargate-ARM-vCPU-Hours:perCPU"),
    "fargate/storage": Wanted("Fargate-EphemeralStorage-GB-Hours"),
    "fargate/x86-64/gb": Wanted("Fargate-GB-Hours"),
    "fargate/x86-64/vcpu": Wanted("Fargate-vCPU-Hours:perCPU"),
    "key": Wanted("KMS-Keys"),
    "load-balancer": Wanted("LoadBalancerUsage", _ALB),
    "load-balancer/lcu": Wanted("LCUUsage", _ALB),
    "logs/ingested": Wanted("DataProcessing-Bytes"),
    "logs/kept": Wanted("TimedStorage-ByteHrs"),
    "metric": Wanted("CW:MetricMonitorUsage"),
    "nat-gateway": Wanted("NatGateway-Hours"),
    "nat-gateway/gb": Wanted("NatGateway-Bytes"),
    "public-ipv4": Wanted("PublicIPv4:InUseAddress"),
    "repository/gb": Wanted("TimedStorage-ByteHrs"),
    "secret": Wanted("AWSSecretsManager-Secrets"),
    "secret/requests": Wanted("AWSSecretsManagerAPIRequest", times=10_000),
    "topic/emails": Wanted("DeliveryAttempts-SMTP", times=100_000),
    "web-acl": Wanted("WebACLV2"),
    "web-acl/requests": Wanted("RequestV2-Tier1", times=1_000_000),
    "web-acl/rule": Wanted("RuleV2"),
}
"""By item of the table. Items that are not here keep their rows: the API has no price of Fargate Spot, for example."""
NARROWED: Mapping[str, Mapping[str, str]] = {
    "AmazonEC2": {"productFamily": "NAT Gateway"},
    "AmazonRDS": {"databaseEngine": "PostgreSQL"},
    "AmazonS3": {"volumeType": "Standard"},
}
"""Further filters, by service: without them the answers have thousands of pages."""
REGION_FIELD = {"AWSDataTransfer": "fromRegionCode"}
CLASS = re.compile(r"database/(db\..+)")


def wanted(item: str) -> Wanted | None:
    if found := CLASS.fullmatch(item):
        return Wanted(f"InstanceUsage:{found[1]}", _SINGLE)
    return WANTED.get(item)


def renewed(client: Any, table: Sequence[Price], region: str, today: date) -> list[Price]:
    """The table with the API's prices of a region. Raises botocore's errors."""
    items = {each.item: each for each in table if wanted(each.item)}
    products = {each: list(_products(client, each, region)) for each in sorted({i.service for i in items.values()})}
    known = {(each.item, each.region): each for each in table}
    for item, row in items.items():
        usd = _price(products[row.service], wanted(item))
        everywhere = known.get((item, ANYWHERE))
        if usd is not None and not (everywhere and everywhere.usd == usd):
            found = replace(row, region=region, usd=usd, source=SOURCE, date=today.isoformat(), weak=False)
            known[item, region] = found
    return list(known.values())


def _products(client: Any, service: str, region: str) -> Iterator[Product]:
    terms = {REGION_FIELD.get(service, "regionCode"): region, **NARROWED.get(service, {})}
    filters = [{"Type": "TERM_MATCH", "Field": key, "Value": value} for key, value in terms.items()]
    request: dict[str, Any] = {"ServiceCode": service, "Filters": filters, "MaxResults": PAGE}
    while True:
        answer = client.get_products(**request)
        yield from map(json.loads, answer["PriceList"])
        if not answer.get("NextToken"):
            return
        request["NextToken"] = answer["NextToken"]


def _price(products: Iterable[Product], wanted: Wanted | None) -> float | None:
    """None if the answers have no product or several prices."""
    found = {price for each in products if wanted and _is(each, wanted) for price in _first_tier(each)}
    return round(found.pop() * wanted.times, 10) if wanted and len(found) == 1 else None


def _is(product: Product, wanted: Wanted) -> bool:
    attributes = product["product"]["attributes"]
    if PREFIX.sub("", attributes.get("usagetype", "")) != wanted.usage:
        return False
    return all(attributes.get(key) == value for key, value in wanted.attributes.items())


def _first_tier(product: Product) -> list[float]:
    """The price of the first tier that is not free."""
    tiers = [
        (float(each["beginRange"]), float(each["pricePerUnit"].get("USD", 0)))
        for term in product["terms"].get("OnDemand", {}).values()
        for each in term["priceDimensions"].values()
    ]
    return [price for _, price in sorted(tiers) if price][:1]


def changed(before: Iterable[Price], after: Iterable[Price]) -> list[str]:
    """One line for each new or other price."""
    old = {(each.item, each.region): each.usd for each in before}
    lines = [
        f"{each.item} in {each.region}: {_shown(old.get((each.item, each.region)))} → {unit_price(each.usd)}"
        for each in after
        if old.get((each.item, each.region)) != each.usd
    ]
    return sorted(lines)


def _shown(usd: float | None) -> str:
    return "none" if usd is None else unit_price(usd)


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tools.prices", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("regions", metavar="REGION", nargs="*", help="such as eu-west-1 (default: those of the table)")
    options = parser.parse_args()
    table = prices.table()
    regions = options.regions or sorted({each.region for each in table} - {ANYWHERE})
    import boto3  # slow to import, and of no use for --help

    after: list[Price] = list(table)
    try:
        client = cast(Any, boto3).client("pricing", region_name=ENDPOINT)
        for region in regions:
            after = renewed(client, after, region, datetime.now(UTC).date())
    except (BotoCoreError, ClientError) as error:
        print(f"Price List: {str(error).rstrip('.')}. Use credentials that allow pricing:GetProducts.", file=sys.stderr)
        return 1
    prices.FILE.write_text(prices.render(after))
    print("\n".join(changed(table, after)) or "no price changed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
