"""Problems of single keys: unknown keys, types, patterns and bounds."""

from __future__ import annotations

import json

import pytest

from tests.images import image
from tests.unit.config.stack_settings import (
    ALLOWED,
    ARN,
    BUILD_OR_IMAGES,
    DIGITS,
    FARGATE,
    KEYS,
    UNKNOWN_SERVICE,
    problems,
)

DATABASE = (
    "apply-immediately, backup-days, backup-window, class, insights, logins, maintenance-window, max-storage, multi-az,"
    " password-revision, storage"
)
DAILY = "half an hour or more of each day in UTC, such as 04:00-04:30"
WEEKLY = "half an hour to a day of each week in UTC, such as sun:05:00-sun:05:30"
DAYS = "1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288 or 3653"
PREFIX = "2 to 12 lower-case letters, digits and single hyphens"
LETTERS = "lower-case letters, digits and hyphens"
NINE = json.dumps([f"us-east-1{letter}" for letter in "abcdefghi"])
REFERENCE = "<account>.dkr.ecr.<region>.amazonaws.com/<repository>@sha256:<64 hex>"
SECRET = (
    "the ARN of a Secrets Manager secret, not its value:"
    " arn:aws:secretsmanager:<region>:<account>:secret:<name>-<6 characters>"
)
UNTAGGED = image("authsvc").partition("@")[0]
TAGGED = f"{UNTAGGED}:1.2"


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        # Unknown keys.
        ("cpu: 256", f"cpu: no such key. The keys are {KEYS}."),
        ("log_retention_days: 30",
         f"log_retention_days: no such key. Did you mean log-retention-days? The keys are {KEYS}."),
        ("network: {cidr: 10.0.0.0/16, zones: [us-east-1a, us-east-1b], vpc: x}",
         "network.vpc: no such key. The keys are cidr, egress, flow-logs, zones."),
        (f"ingress: {{{ALLOWED}, health: {{path: /}}}}",
         "ingress.health.path: no such key. The keys are healthy, interval, timeout, unhealthy."),
        ("database: {kind: x}", f"database.kind: no such key. The keys are {DATABASE}."),
        ("database: {instance-class: x}", f"database.instance-class: no such key. The keys are {DATABASE}."),
        ("sizes: {mcp: {ram: 512}}", "sizes.mcp.ram: no such key. The keys are cpu, max, memory, min."),
        # Missing keys.
        ("account: null", f"account: missing. It must be {DIGITS}."),
        ("network: null", "network: missing. The keys are cidr, egress, flow-logs, zones."),
        ("bucket: {}", f"bucket.name: missing. It must be 3 to 63 {LETTERS}."),
        # Strings.
        ('account: "1234"', f'account is "1234": must be {DIGITS}.'),
        (r'account: "000000000000\n"', rf'account is "000000000000\n": must be {DIGITS}.'),
        ("prefix: Mrgnl", f'prefix is "Mrgnl": must be {PREFIX}.'),
        ("prefix: marginalia-dev", f'prefix is "marginalia-dev": must be {PREFIX}.'),
        ("prefix: mrgnl--x", f'prefix is "mrgnl--x": must be {PREFIX}.'),
        ("prefix: m", f'prefix is "m": must be {PREFIX}.'),
        (
            'account: "111122223333"\nbuild: {context: image/sample, consumers: ["000000000001"]}',
            'build.consumers.0 is "000000000001": must be an AWS account, not one of the simulator.'
            " For none, write [].",
        ),
        ("bucket: {name: My_Bucket}", f'bucket.name is "My_Bucket": must be 3 to 63 {LETTERS}.'),
        ("database: {class: t4g}", 'database.class is "t4g": must be an RDS instance class, such as db.t4g.micro.'),
        ('build: {context: image/sample, consumers: ["1"]}', f'build.consumers.0 is "1": must be {DIGITS}.'),
        ("ingress: {}",
         "ingress.allowed-cidrs: missing. Without a domain it lists the IPv4 ranges that may connect over HTTP."),
        ("ingress: {domain: api.marginalia.sh, zone-id: Z0123456789ABC, allowed-cidrs: []}",
         "ingress.allowed-cidrs is []: must have at least 1 item."),
        (f"ingress: {{{ALLOWED}, domain: API}}",
         'ingress.domain is "API": must be a domain, such as api.marginalia.sh.'),
        ("ingress: {domain: api.marginalia.sh, zone-id: z}",
         'ingress.zone-id is "z": must be the id of a Route 53 hosted zone, such as Z0123456789ABC.'),
        # Enumerations.
        ("architecture: arm", "architecture is \"arm\": must be x86-64 or arm64. Did you mean arm64?"),
        ("network: {cidr: 10.0.0.0/16, zones: [us-east-1a, us-east-1b], egress: vpn}",
         "network.egress is \"vpn\": must be public, endpoints, nat or nat-per-zone."),
        ("log-retention-days: 31", f"log-retention-days is 31: must be {DAYS}."),
        # Numbers and booleans.
        ("spot: 101", "spot is 101: must be at most 100."),
        ("spot: -1", "spot is -1: must be at least 0."),
        ('spot: "10"', 'spot is "10": must be an integer, without quotes.'),
        ("spot: 1.5", "spot is 1.5: must be an integer."),
        ("database: {storage: 19}", "database.storage is 19: must be at least 20."),
        ("database: {backup-days: 36}", "database.backup-days is 36: must be at most 35."),
        ("database: {max-storage: 21}",
         "database.max-storage is 21: must be at least 22, 10 % more than storage; or 20, so that RDS increases"
         " nothing."),
        ("database: {max-storage: 65537}", "database.max-storage is 65537: must be at most 65536."),
        ("database: {logins: each}", 'database.logins is "each": must be shared, moving or own.'),
        (f"{{build: null, database: {{logins: own}}, images: {{authsvc: {image('authsvc')}}}}}",
         "images.logins: missing. database.logins is own: promote the image of the job that creates logins, from a"
         " stack that has them."),
        ("database: {insights: basic}", 'database.insights is "basic": must be none, standard or advanced.'),
        ("database: {apply-immediately: 1}", "database.apply-immediately is 1: must be true or false."),
        # The database's windows.
        ("database: {backup-window: 04:00-05:00}",
         "database.maintenance-window: missing. Set both backup-window and maintenance-window, or neither."),
        ("database: {maintenance-window: 'sun:05:00-sun:05:30'}",
         "database.backup-window: missing. Set both backup-window and maintenance-window, or neither."),
        ("database: {backup-window: 04:00-05:00, maintenance-window: 'sun:04:59-sun:05:30'}",
         'database.maintenance-window is "sun:04:59-sun:05:30": must not overlap with backup-window, which is'
         " 04:00-05:00."),
        ("database: {backup-window: 04:00-04:29, maintenance-window: 'sun:05:00-sun:05:30'}",
         f'database.backup-window is "04:00-04:29": must be {DAILY}.'),
        ("database: {backup-window: 4:00-5:00, maintenance-window: 'sun:05:00-sun:05:30'}",
         f'database.backup-window is "4:00-5:00": must be {DAILY}.'),
        ("database: {backup-window: 04:00-05:00, maintenance-window: 'sun:05:00-tue:05:00'}",
         f'database.maintenance-window is "sun:05:00-tue:05:00": must be {WEEKLY}.'),
        ("database: {backup-window: 04:00-05:00, maintenance-window: 'Sun:05:00-Sun:06:00'}",
         f'database.maintenance-window is "Sun:05:00-Sun:06:00": must be {WEEKLY}.'),
        (f"ingress: {{{ALLOWED}, idle-timeout: 30}}",
         "ingress.idle-timeout is 30: must be at least 60."),
        ('protect: "yes"', 'protect is "yes": must be true or false.'),
        ("probe: 1", "probe is 1: must be true or false."),
        # The network.
        ("network: {cidr: 10.0.0.0/24, zones: [us-east-1a, us-east-1b]}",
         'network.cidr is "10.0.0.0/24": must be an IPv4 range between /16 and /23.'),
        ("network: {cidr: 10.0.0.0/15, zones: [us-east-1a, us-east-1b]}",
         'network.cidr is "10.0.0.0/15": must be an IPv4 range between /16 and /23.'),
        ("network: {cidr: 10.0.0.0/16, zones: [us-east-1a]}",
         'network.zones is ["us-east-1a"]: must have at least 2 items.'),
        (f"network: {{cidr: 10.0.0.0/16, zones: {NINE}}}",
         f"network.zones is {NINE}: must have at most 8 items."),
        ("network: {cidr: 10.0.0.0/16, zones: [us-east-1a, eu-west-1b]}",
         'network.zones.1 is "eu-west-1b": must be a zone of aws:region, such as us-east-1b.'),
        (f"ingress: {{{ALLOWED}, health: {{interval: 5, timeout: 30}}}}",
         'ingress.health.timeout is 30: must be less than the interval, which is 5.'),
        (f"ingress: {{{ALLOWED}, health: {{interval: 5}}}}",
         'ingress.health.timeout is 5: must be less than the interval, which is 5.'),
        # Sizes.
        ("sizes: {mcp: {memory: 700}}",
         f'sizes.mcp is {{"memory": 700}}: {FARGATE} With cpu 256, memory is one of 512, 1024, 2048.'),
        ("sizes: {default: {cpu: 512, memory: 1024}, mcp: {cpu: 4096}}",
         f'sizes.mcp is {{"cpu": 4096, "memory": 1024}}: {FARGATE} With cpu 4096, memory is 8192 to 30720 in steps of'
         " 1024."),
        ("sizes: {default: {cpu: 300}}",
         f'sizes.default is {{"cpu": 300}}: {FARGATE} Cpu is one of 256, 512, 1024, 2048, 4096, 8192, 16384.'),
        ("sizes: {mcp: {min: 3, max: 2}}",
         f'sizes.mcp is {{"min": 3, "max": 2}}: {FARGATE} 1 <= min (3) <= max (2) <= 5000.'),
        ("sizes: {gateway: {min: 1}}", f"sizes.gateway: {UNKNOWN_SERVICE}"),
        ("redeploy: {gateway: 1}", f"redeploy.gateway: {UNKNOWN_SERVICE}"),
        ("redeploy: {mcp: 0}", "redeploy.mcp is 0: must be at least 1."),
        # Images.
        (f"images: {{authsvc: {image('authsvc')}}}",
         f"images: must not be set together with build. {BUILD_OR_IMAGES}"),
        ("build: null", f"build: missing. {BUILD_OR_IMAGES}"),
        (f"{{build: null, images: {{authsvc: {TAGGED}}}}}", f'images.authsvc is "{TAGGED}": must be {REFERENCE}.'),
        (f"{{build: null, images: {{authsvc: {UNTAGGED}}}}}", f'images.authsvc is "{UNTAGGED}": must be {REFERENCE}.'),
        (f"{{build: null, images: {{gateway: {image('mcp')}}}}}", f"images.gateway: {UNKNOWN_SERVICE}"),
        # Secrets.
        (f"secrets: {{authsvc: {{KEY: '{ARN}'}}}}",
         "secrets.authsvc.KEY: no such secret. authsvc declares none in services.py."),
        ("secrets: {authsvc: {KEY: my-secret}}", f"secrets.authsvc.KEY: must be {SECRET}."),
        ("secrets: {gateway: {}}", f"secrets.gateway: {UNKNOWN_SERVICE}"),
    ],
)  # fmt: skip
def test_an_invalid_value_is_reported_as_one_line(changes: str, problem: str) -> None:
    assert problems(changes) == [f"marginalia:stack.{problem}"]
