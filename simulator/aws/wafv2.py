"""Web ACLs of AWS WAF. https://docs.aws.amazon.com/waf/latest/APIReference/"""

from __future__ import annotations

import re
from collections.abc import Iterator

from ecs import types
from simulator.aws.values import is_known, mapping, mappings, number, other_than, outside, repeated, text
from simulator.check import Checks
from simulator.cloud import Request, ResourceType
from simulator.failure import Failure
from simulator.store import Properties

CODE = "WAFInvalidParameterException"
RULE = "https://docs.aws.amazon.com/waf/latest/APIReference/API_Rule.html"
RATE = "https://docs.aws.amazon.com/waf/latest/APIReference/API_RateBasedStatement.html"
METRIC = "https://docs.aws.amazon.com/waf/latest/APIReference/API_VisibilityConfig.html"
CAPACITY_PAGE = "https://docs.aws.amazon.com/waf/latest/developerguide/aws-waf-capacity-units.html"
MOST_CAPACITY = 5000
"""Units. https://docs.aws.amazon.com/waf/latest/developerguide/limits.html"""
RATE_CAPACITY = 2
GROUPS = {
    "AWSManagedRulesAdminProtectionRuleSet": 100,
    "AWSManagedRulesAmazonIpReputationList": 25,
    "AWSManagedRulesAnonymousIpList": 50,
    "AWSManagedRulesCommonRuleSet": 700,
    "AWSManagedRulesKnownBadInputsRuleSet": 200,
    "AWSManagedRulesLinuxRuleSet": 200,
    "AWSManagedRulesSQLiRuleSet": 200,
    "AWSManagedRulesUnixRuleSet": 100,
}
"""The capacity units of rule groups of AWS.
https://docs.aws.amazon.com/waf/latest/developerguide/aws-managed-rule-groups-list.html"""
REFERENCES = ("managedRuleGroupStatement", "ruleGroupReferenceStatement")
WINDOWS = (60, 120, 300, 600)
RESERVED_METRICS = ("All", "Default_Action")

acl = Checks[Request](types.WEB_ACL)
association = Checks[Request](types.WEB_ACL_ASSOCIATION)


def _rules(inputs: Properties) -> list[Properties]:
    return mappings(inputs.get("rules"))


def _set(value: object) -> list[str]:
    """The keys of a mapping that have a value. An empty mapping is one, as that of `none`."""
    return [key for key, each in mapping(value).items() if each is not None]


@acl("https://docs.aws.amazon.com/waf/latest/APIReference/API_DefaultAction.html", confirmed="botocore")
def acl_has_one_default_action(request: Request) -> Iterator[str]:
    """A request that no rule decides is either allowed or blocked."""
    actions = _set(request.inputs.get("defaultAction"))
    if request.inputs.get("defaultAction") is not None and len(actions) != 1:
        yield f"{CODE}: defaultAction has either allow or block, not {' and '.join(actions) or 'none'}"


@acl(RULE)
def rules_have_names_and_priorities_of_their_own(request: Request) -> Iterator[str]:
    """No two rules have one name or one priority."""
    rules = _rules(request.inputs)
    for key in ("name", "priority"):
        for value in repeated(each.get(key) for each in rules if is_known(each.get(key))):
            shown = f"{value:g}" if isinstance(value, float) else value
            yield f"{CODE}: the {key} {shown} is that of more than one rule"


@acl(RULE)
def rules_have_one_statement_and_its_action(request: Request) -> Iterator[str]:
    """A rule has one statement: with overrideAction if it refers to a rule group, else with action."""
    for each in _rules(request.inputs):
        name, statements = text(each.get("name")), _set(each.get("statement"))
        if len(statements) != 1:
            yield f"{CODE}: the rule {name} has one statement, not {len(statements)}"
            continue
        is_reference = statements[0] in REFERENCES
        wanted, other = ("overrideAction", "action") if is_reference else ("action", "overrideAction")
        if len(_set(each.get(wanted))) != 1 or _set(each.get(other)):
            yield f"{CODE}: the rule {name} with {statements[0]} has one {wanted} and no {other}"


@acl(RATE, confirmed="botocore")
def rates_are_within_their_limits(request: Request) -> Iterator[str]:
    """A rate is 10 to 2,000,000,000 requests in 60, 120, 300 or 600 seconds, counted by an address or another key."""
    keys = ("CONSTANT", "CUSTOM_KEYS", "FORWARDED_IP", "IP")
    for each in _rules(request.inputs):
        rate = mapping(mapping(each.get("statement")).get("rateBasedStatement"))
        if not rate:
            continue
        yield from outside(CODE, rate, [("limit", 10, 2_000_000_000)])
        yield from other_than(CODE, rate, [("aggregateKeyType", keys)])
        window = rate.get("evaluationWindowSec")
        if is_known(window) and number(window) not in WINDOWS:
            yield f"{CODE}: evaluationWindowSec must be one of {', '.join(map(str, WINDOWS))}, not {window!r}"
        if rate.get("limit") is None:
            yield f"{CODE}: the rate of {each.get('name')} requires a limit"
        if rate.get("aggregateKeyType") == "CONSTANT" and not rate.get("scopeDownStatement"):
            yield f"{CODE}: the rate of {each.get('name')} by CONSTANT requires a scopeDownStatement"


@acl("https://docs.aws.amazon.com/waf/latest/APIReference/API_ManagedRuleGroupStatement.html", confirmed="botocore")
def groups_of_aws_exist(request: Request) -> Iterator[str]:
    """A rule group has a vendor and a name; the names of AWS's groups begin with `AWSManagedRules`."""
    for each in _rules(request.inputs):
        group = mapping(each.get("statement")).get("managedRuleGroupStatement")
        if group is None:
            continue
        vendor, name = mapping(group).get("vendorName"), mapping(group).get("name")
        if not vendor or not name:
            yield f"{CODE}: the rule group of {each.get('name')} requires a vendorName and a name"
        elif vendor == "AWS" and is_known(name) and not str(name).startswith("AWSManagedRules"):
            yield f"WAFNonexistentItemException: AWS has no rule group {name}"


@acl("https://docs.aws.amazon.com/waf/latest/APIReference/API_RuleActionOverride.html", confirmed="botocore")
def overrides_have_a_name_and_an_action(request: Request) -> Iterator[str]:
    """Each override of a rule group's action names a rule and the action to use."""
    for each in _rules(request.inputs):
        group = mapping(mapping(each.get("statement")).get("managedRuleGroupStatement"))
        given = group.get("ruleActionOverrides")
        if is_known(given) and not isinstance(given, list):
            yield f"{CODE}: the ruleActionOverrides of {each.get('name')} are not a list"
        for override in mappings(given):
            if not override.get("name") or not override.get("actionToUse"):
                yield f"{CODE}: an override of {each.get('name')} requires a name and an actionToUse"


@acl(METRIC)
def metrics_are_named(request: Request) -> Iterator[str]:
    """The name of a metric has 1 to 128 letters, digits, hyphens and underscores, and is none of WAF's own."""
    for each in (request.inputs, *_rules(request.inputs)):
        name = mapping(each.get("visibilityConfig")).get("metricName")
        if is_known(name) and (not re.fullmatch(r"[A-Za-z0-9_-]{1,128}", str(name)) or name in RESERVED_METRICS):
            yield f"{CODE}: the metricName {name!r} is not valid"


@acl(CAPACITY_PAGE)
def rules_fit_into_the_capacity(request: Request) -> Iterator[str]:
    """The rules of a web ACL need up to 5000 capacity units."""
    if (units := capacity(request)) > MOST_CAPACITY:
        yield f"WAFLimitsExceededException: the rules need {units} capacity units, above {MOST_CAPACITY}"


def capacity(request: Request) -> int:
    """The capacity units that are known: those of rates and of rule groups of AWS."""
    statements = [mapping(each.get("statement")) for each in _rules(request.inputs)]
    groups = [mapping(each.get("managedRuleGroupStatement")) for each in statements]
    rates = [each for each in statements if each.get("rateBasedStatement")]
    return RATE_CAPACITY * len(rates) + sum(GROUPS.get(text(each.get("name")), 0) for each in groups)


@association("https://docs.aws.amazon.com/waf/latest/APIReference/API_AssociateWebACL.html", confirmed="botocore")
def association_is_of_a_load_balancer(request: Request) -> Iterator[str]:
    """A web ACL is that of an Application Load Balancer that exists, in the region; others are not checked."""
    arn = text(request.inputs.get("resourceArn"))
    if ":elasticloadbalancing:" not in arn:
        return
    if ":loadbalancer/app/" not in arn:
        yield f"{CODE}: Error reason: The ARN isn't valid. A valid ARN begins with arn: and includes other information"
    elif not request.visible(types.LOAD_BALANCER, arn=arn):
        yield f"WAFNonexistentItemException: the load balancer {arn} does not exist"


@association("https://docs.aws.amazon.com/waf/latest/APIReference/API_CreateWebACL.html")
def the_web_acl_is_regional(request: Request) -> Iterator[str]:
    """The web ACL of a load balancer is REGIONAL; one of CLOUDFRONT is associated with a distribution."""
    for each in request.visible(types.WEB_ACL, arn=request.inputs.get("webAclArn")):
        if each.properties.get("scope") == "CLOUDFRONT":
            yield f"{CODE}: the scope of {each.urn} is CLOUDFRONT, not REGIONAL"


TYPES = {
    types.WEB_ACL: ResourceType(
        id="{hex}",
        outputs={
            "arn": "arn:aws:wafv2:{region}:{account}:regional/webacl/{name}/{id}",
            "capacity": capacity,
        },
        recomputed=frozenset({"capacity"}),
        replace_on_changes=frozenset({"name", "scope"}),
        name_property="name",
        validate=acl.reasons,
        failure=Failure(
            source="wafv2/web_acl.go",
            taken="WAFDuplicateItemException",
            quota="WAFLimitsExceededException: AWS WAF couldn't perform the operation because you exceeded your limit.",
        ),
    ),
    types.WEB_ACL_ASSOCIATION: ResourceType(
        id="{webAclArn},{resourceArn}",
        replace_on_changes=frozenset({"resourceArn", "webAclArn"}),
        references={"webAclArn": (types.WEB_ACL, "arn")},
        validate=association.reasons,
        failure=Failure(source="wafv2/web_acl_association.go"),
    ),
}
