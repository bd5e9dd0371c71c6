"""What the simulated cloud refuses of changes of the program's load balancer, certificate, records and scaling."""

from __future__ import annotations

import pytest

from ecs import types
from simulator.store import Properties
from tests.program.mutations import (
    ACCOUNTS,
    Case,
    Change,
    assert_refused,
    deployed,
    mutate,
    put,
    refusals,
    stored,
    within,
)
from tests.unit.simulator.world import World

DOMAIN = {
    "ingress": {"domain": "api.marginalia.sh", "zone-id": "Z0123456789ABC"},
    "sizes": {"mcp": {"min": 1, "max": 4}},
}


def action(**changes: object) -> Change:
    return within("defaultActions", **changes)


def redirect(**changes: object) -> Change:
    return lambda found: put(**changes)(found["defaultActions"][0]["redirect"])


def tracking(**changes: object) -> Change:
    return within("targetTrackingScalingPolicyConfiguration", **changes)


def metric(**changes: object) -> Change:
    def apply(found: Properties) -> None:
        put(**changes)(found["targetTrackingScalingPolicyConfiguration"]["predefinedMetricSpecification"])

    return apply


OTHER_REGION = "arn:aws:acm:eu-west-1:000000000000:certificate/x"
GONE = "arn:aws:elasticloadbalancing:us-east-1:000000000000:targetgroup/gone/1"
REFUSED: list[Case] = [
    ("ingress-balancer", put(name="-mrgnl"), "no hyphen at an end"),
    ("ingress-balancer", put(name="m" * 33), "must have 1 to 32 letters"),
    ("ingress-balancer", put(name="internal-mrgnl"), "must not begin with 'internal-'"),
    ("ingress-balancer", put(name="mrgnl_1"), "must have 1 to 32 letters"),
    ("ingress-balancer", put(loadBalancerType="alb"), "loadBalancerType 'alb' is not one of application"),
    ("ingress-balancer", put(idleTimeout=0), "idleTimeout must be a whole number from 1 to 4000, not 0"),
    ("ingress-balancer", put(idleTimeout=4001), "idleTimeout must be a whole number from 1 to 4000, not 4001"),
    ("ingress-balancer", put(idleTimeout="long"), "idleTimeout 'long' is text, not a number"),
    ("ingress-balancer", put(internal="no"), "internal 'no' is text, not a boolean"),
    ("ingress-balancer", lambda found: found["subnets"].pop(), "at least two subnets in two different Availability"),
    ("ingress-balancer", put(securityGroups=["sg-1"]), "securityGroups 'sg-1' does not exist"),
    ("ingress-target", put(name="mrgnl target"), "must have 1 to 32 letters"),
    ("ingress-target", put(targetType="instance"), "has target type instance, which is incompatible with the awsvpc"),
    ("ingress-target", put(targetType="IP"), "targetType 'IP' is not one of alb"),
    ("ingress-target", put(protocol="http"), "protocol 'http' is not one of GENEVE"),
    ("ingress-target", put(protocol="TCP"), "has the protocol TCP, the listener speaks HTTP"),
    ("ingress-target", put(protocol="HTTPS"), "the target group speaks HTTPS with mcp"),
    ("ingress-target", put(protocolVersion="GRPC"), "the target group speaks GRPC with mcp, which speaks http"),
    ("ingress-target", put(port=0), "port 0 is less than 1"),
    ("ingress-target", put(vpcId=None), "a target group requires vpcId"),
    ("ingress-target", put(vpcId="vpc-1"), "vpcId 'vpc-1' does not exist"),
    (
        "ingress-target",
        put(deregistrationDelay=3601),
        "deregistrationDelay must be a whole number from 0 to 3600, not 3601",
    ),
    ("ingress-target", put(slowStart=10), "slowStart must be a whole number from 30 to 900, not 10"),
    ("ingress-target", put(stickiness={"type": "cookie"}), "type must be one of lb_cookie"),
    ("ingress-target", within("healthCheck", path="healthz"), "must begin with '/'"),
    ("ingress-target", within("healthCheck", interval=4), "healthCheck.interval 4 is less than 5"),
    ("ingress-target", within("healthCheck", timeout=10), "timeout 10 must be smaller than the interval 10"),
    ("ingress-target", within("healthCheck", healthyThreshold=1), "healthCheck.healthyThreshold 1 is less than 2"),
    (
        "ingress-target",
        within("healthCheck", unhealthyThreshold=11),
        "healthCheck.unhealthyThreshold 11 is greater than 10",
    ),
    ("ingress-target", within("healthCheck", matcher="ok"), "matcher 'ok' must be codes from 200 to 499"),
    ("ingress-target", within("healthCheck", matcher="500"), "must be codes from 200 to 499"),
    ("ingress-target", within("healthCheck", matcher="204"), "/healthz responds 200, which the matcher 204 does not"),
    ("ingress-target", within("healthCheck", port="9999"), "the target group asks port 9999 of mcp, which listens on"),
    ("ingress-target", within("healthCheck", protocol="TCP"), "protocol must be one of HTTP"),
    ("ingress-https", put(certificateArn=None), "a certificate must be specified for HTTPS listeners"),
    ("ingress-https", put(certificateArn=OTHER_REGION), "it is in eu-west-1, not in us-east-1"),
    ("ingress-https", put(certificateArn="x"), "Certificate ARN 'x' is not valid"),
    ("ingress-https", put(sslPolicy="TLS-1-2"), "the SSL policy 'TLS-1-2' was not found"),
    ("ingress-https", put(protocol="HTTP"), "certificateArn cannot be specified for HTTP listeners"),
    ("ingress-https", put(protocol="TLS"), "must speak HTTP or HTTPS"),
    ("ingress-https", put(port=70000), "port 70000 is greater than 65535"),
    ("ingress-https", put(port=80), "a listener already exists on port 80"),
    ("ingress-https", put(defaultActions=[]), "a listener requires a default action"),
    ("ingress-https", action(targetGroupArn=None), "an action of the type forward requires a target group"),
    ("ingress-https", action(targetGroupArn=GONE), "TargetGroupNotFound"),
    ("ingress-https", action(targetGroupArn=GONE), "does not have an associated load balancer"),
    ("ingress-https", action(type="send"), "defaultActions[0].type 'send' is not one of authenticate-cognito"),
    ("ingress-https", action(type="fixed-response"), "requires fixedResponse"),
    ("ingress-https", put(loadBalancerArn="arn:x"), "loadBalancerArn 'arn:x' does not exist"),
    ("ingress-http", redirect(statusCode="301"), "defaultActions[0].redirect.statusCode '301' is not one of HTTP_301"),
    (
        "ingress-http",
        redirect(protocol="TCP"),
        "defaultActions[0].redirect.protocol 'TCP' does not match ^(HTTPS?|#\\{protocol\\})$",
    ),
    ("ingress-http", redirect(port="https"), "port must be a whole number from 1 to 65535, not 'https'"),
    ("ingress-http", redirect(protocol="HTTP", port="80"), "it creates a loop"),
    ("ingress-http", redirect(path="x"), "the path of a redirect must begin with '/'"),
    ("ingress-http", put(certificateArn="x"), "certificateArn cannot be specified for HTTP listeners"),
    ("ingress-certificate", put(domainName="api_marginalia"), "is not a valid domain name"),
    (
        "ingress-certificate",
        put(domainName="www.marginalia.sh"),
        "the certificate is for www.marginalia.sh, not for api",
    ),
    ("ingress-certificate", put(validationMethod="FILE"), "validationMethod must be one of DNS"),
    ("ingress-validation", put(validationRecordFqdns=["x."]), "there is no record x."),
    ("ingress-proof", put(records=["x."]), "must be CNAME _"),
    ("ingress-proof", put(records=["a b"]), "Invalid Resource Record: 'a b' is no domain name"),
    ("ingress-proof", put(records=[""]), "records[0] '' is empty"),
    ("ingress-proof", put(type="TXT"), "must be CNAME _"),
    ("ingress-proof", put(ttl=None), "requires a ttl"),
    ("ingress-alias", put(type="CNAM"), "type must be one of SOA"),
    ("ingress-alias", put(type="CNAME"), "has the type A or AAAA, not CNAME"),
    ("ingress-alias", put(aliases=None), "requires either records or an alias"),
    ("ingress-alias", put(name="api marginalia"), "is no domain name"),
    ("ingress-alias", within("aliases", zoneId="Z1"), "does not lie within the target zone Z1"),
    ("ingress-alias", within("aliases", name="x.us-east-1.elb.amazonaws.com"), "no load balancer has this name"),
    ("ingress-alias", within("aliases", evaluateTargetHealth=None), "aliases[0].evaluateTargetHealth is required"),
    ("ingress-alias", put(name="www.marginalia.sh"), "not for www.marginalia.sh, an alias of the load balancer"),
    ("mcp-scaling-target", put(minCapacity=5), "the minimum capacity must not be above the maximum capacity"),
    ("mcp-scaling-target", put(minCapacity=-1), "minCapacity must be a whole number from 0 to 2147483647, not -1"),
    ("mcp-scaling-target", put(maxCapacity=None), "maxCapacity is required"),
    ("mcp-scaling-target", put(resourceId="service/other/mcp"), "ECS service doesn't exist: service/other/mcp"),
    (
        "mcp-scaling-target",
        put(scalableDimension="ecs:service:Count"),
        "scalableDimension 'ecs:service:Count' is not one of appstream:fleet:DesiredCapacity",
    ),
    ("mcp-scaling-target", put(serviceNamespace="ec2"), "serviceNamespace must be one of ecs"),
    ("mcp-scaling-cpu", put(policyType=None), "a policy requires stepScalingPolicyConfiguration"),
    ("mcp-scaling-cpu", put(policyType="Tracking"), "policyType 'Tracking' is not one of PredictiveScaling"),
    ("mcp-scaling-cpu", put(resourceId="service/mrgnl/web"), "resourceId 'service/mrgnl/web' does not exist"),
    ("mcp-scaling-cpu", tracking(targetValue=0), "targetValue must be a number above 0, not 0"),
    ("mcp-scaling-cpu", tracking(targetValue=600), "is in percent: 600 is never reached"),
    (
        "mcp-scaling-cpu",
        tracking(scaleInCooldown=-1),
        "scaleInCooldown must be a whole number from 0 to 2147483647, not -1",
    ),
    ("mcp-scaling-cpu", tracking(predefinedMetricSpecification=None), "requires exactly one of a predefined"),
    (
        "mcp-scaling-cpu",
        metric(predefinedMetricType="ECSServiceCPU"),
        "predefinedMetricType 'ECSServiceCPU' is not one of ALBRequestCountPerTarget",
    ),
    ("mcp-scaling-cpu", metric(predefinedMetricType="ALBRequestCountPerTarget"), "resourceLabel of ALBRequestCount"),
    ("mcp-scaling-cpu", metric(resourceLabel="x"), "a resourceLabel requires the metric ALBRequestCountPerTarget"),
    ("cluster-namespace", put(name="my namespace"), "'my namespace'"),
]


@ACCOUNTS
@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case[2][:40])
def test_a_change_of_the_ingress_or_the_scaling_is_refused_for_its_cause(case: Case, account: str) -> None:
    name, change, reason = case
    world = deployed(account=account, probe=True, **DOMAIN)
    mutate(world, name, change)
    assert_refused(world, reason.replace("000000000000", account))


def label(world: World) -> str:
    """The label by which the requests to the gateway are counted."""
    balancer, group = (stored(world, name).properties["arn"] for name in ("ingress-balancer", "ingress-target"))
    return f"{balancer.partition('loadbalancer/')[2]}/{group.rpartition(':')[2]}"


def test_requests_are_counted_by_the_label_of_the_target_group_of_the_service() -> None:
    world = deployed(**DOMAIN)
    mutate(world, "mcp-scaling-cpu", tracking(targetValue=500.0))
    mutate(
        world, "mcp-scaling-cpu", metric(predefinedMetricType="ALBRequestCountPerTarget", resourceLabel=label(world))
    )
    assert refusals(world) == []


ACCEPTED: list[tuple[str, Change]] = [
    ("ingress-balancer", put(internal=True, idleTimeout=4000)),
    ("ingress-target", within("healthCheck", matcher="200-299", port="8080", timeout=9)),
    ("ingress-target", put(deregistrationDelay="0", slowStart=30)),
    ("ingress-https", put(sslPolicy=None)),
    ("ingress-http", redirect(path="/v1", statusCode="HTTP_302", port="#{port}")),
    ("ingress-certificate", put(domainName="*.marginalia.sh")),
    ("ingress-certificate", put(validationMethod="HTTP")),
    ("ingress-alias", within("aliases", evaluateTargetHealth=True)),
    ("mcp-scaling-target", put(minCapacity=0)),
    ("mcp-scaling-cpu", tracking(scaleInCooldown=0, targetValue=100)),
    (
        "mcp-scaling-cpu",
        tracking(predefinedMetricSpecification=None, customizedMetricSpecification={"metricName": "x"}, targetValue=-1),
    ),
]


@pytest.mark.parametrize("case", ACCEPTED, ids=[str(number) for number in range(len(ACCEPTED))])
def test_a_change_of_the_ingress_that_aws_takes_is_accepted(case: tuple[str, Change]) -> None:
    world = deployed(**DOMAIN)
    mutate(world, *case)
    assert refusals(world) == []


def test_a_certificate_that_is_not_yet_validated_is_refused() -> None:
    world = deployed(**DOMAIN)
    world.store.remove(stored(world, "ingress-validation"))
    assert_refused(world, "PENDING_VALIDATION, depend on its validation")


@pytest.mark.parametrize("kind", [types.TARGET_GROUP, types.SUBNET])
def test_a_target_group_in_another_vpc_is_refused(kind: str) -> None:
    world = deployed(**DOMAIN)
    other = world.create(types.VPC, "other", cidrBlock="10.99.0.0/16").id
    for each in world.all(kind):
        world.change(each, vpcId=other)
    assert_refused(world, "is in vpc-")
