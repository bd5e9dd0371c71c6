"""A valid stack file, edits that make it invalid, and the problems of each."""

from __future__ import annotations

from collections.abc import Mapping
from textwrap import indent

from tests.declared import CATALOGUE
from tests.unit.config.stack_settings import DIGITS, KEYS

REGION = "a region of the partition aws, such as us-east-1."
BOTH = "The keys are aws:region and marginalia:stack."
HEAD = "config:\n  aws:region: us-east-1\n  marginalia:stack:\n"
VALID = """\
account: "000000000000"
build: {context: image/sample}
network: {cidr: 10.20.0.0/16, zones: [us-east-1a, us-east-1b]}
ingress: {allowed-cidrs: [203.0.113.0/24]}
bucket: {name: marginalia-content-test}
"""
FILE = HEAD + indent(VALID, "    ")
"""Its lines 4 to 8 are account, build, network, ingress and bucket."""
EDITS: Mapping[str, tuple[tuple[str, str], list[str]]] = {
    # Keys of Pulumi.
    "a namespace": (
        ("marginalia:stack:", "marginlia:stack:"),
        [f"3: marginlia:stack: no such key. Did you mean marginalia:stack? {BOTH}"],
    ),
    "a key of a namespace": (
        ("marginalia:stack:", "marginalia:stacks:"),
        [f"3: marginalia:stacks: no such key. Did you mean marginalia:stack? {BOTH}"],
    ),
    "another key than ours": (("marginalia:stack:", "x:y:"), [
        " marginalia:stack: missing. docs/stack-file.md lists its keys.", f"3: x:y: no such key. {BOTH}",
    ]),
    "the region's key": (("aws:region", "aws:regoin"), [
        f"2: aws:regoin: no such key. Did you mean aws:region? {BOTH}"]),
    "the region's namespace": (
        ("aws:region", "asw:region"), [f"2: asw:region: no such key. Did you mean aws:region? {BOTH}"]
    ),
    "a key for another provider": (
        ("  aws:region", "  aws:profile: mine\n  aws:region"), [f"2: aws:profile: no such key. {BOTH}"]
    ),
    "no region": (("aws:region: us-east-1", "aws:region:"), [f"2: aws:region: missing. It must be {REGION}"]),
    "an unknown region": (
        ("aws:region: us-east-1", "aws:region: us-esat-1"),
        [f'2: aws:region is "us-esat-1": must be {REGION} Did you mean us-east-1?'],
    ),
    "a region that is a number": (
        ("aws:region: us-east-1", "aws:region: 1"), [f'2: aws:region is "1": must be {REGION}']
    ),
    # Without quotes.
    "an account": (
        ('"000000000000"', "111122223333"),
        [f"4: marginalia:stack.account is 111122223333: must be {DIGITS}. Without quotes it is a number."],
    ),
    "an account that begins with 0": (
        ('"000000000000"', "052812345678"),
        [f"4: marginalia:stack.account is 052812345678: must be {DIGITS}. Without quotes it is a number."],
    ),
    "an account that is an octal number": (
        ('"000000000000"', "012345670123"),
        [f"4: marginalia:stack.account is 012345670123: must be {DIGITS}. Without quotes it is a number."],
    ),
    "a consumer": (
        ("{context: image/sample}", "{context: image/sample, consumers: [111122223333]}"),
        [f"5: marginalia:stack.build.consumers.0 is 111122223333: must be {DIGITS}. Without quotes it is a number."],
    ),
    "a prefix": (
        ("bucket:", "prefix: true\n    bucket:"),
        [
            "8: marginalia:stack.prefix is true: must be 2 to 12 lower-case letters, digits and single hyphens, in"
            " quotes. Without quotes it is true or false."
        ],
    ),
    # YAML of another version.
    "yes is a text": (("bucket:", "probe: yes\n    bucket:"), [
        '8: marginalia:stack.probe is "yes": must be true or false.']),
    "2:00 is a text": (
        ("{allowed", "{idle-timeout: 2:00, allowed"),
        ['7: marginalia:stack.ingress.idle-timeout is "2:00": must be an integer.'],
    ),
    "a date is no name": (
        ("marginalia-content-test", "2024-01-31"),
        [
            '8: marginalia:stack.bucket.name is "2024-01-31 00:00:00 +0000 UTC": must be 3 to 63 lower-case letters,'
            " digits and hyphens."
        ],
    ),
    # A near miss, without a line for the key that is missing under its own name.
    "ingres": (
        ("ingress:", "ingres:"), [
            f"7: marginalia:stack.ingres: no such key. Did you mean ingress? The keys are {KEYS}."]
    ),
    "biuld": (
        ("build:", "biuld:"), [f"5: marginalia:stack.biuld: no such key. Did you mean build? The keys are {KEYS}."]
    ),
    "Network": (
        ("network:", "Network:"),
        [f"6: marginalia:stack.Network: no such key. Did you mean network? The keys are {KEYS}."],
    ),
    "acount": (
        ("account:", "acount:"), [
            f"4: marginalia:stack.acount: no such key. Did you mean account? The keys are {KEYS}."]
    ),
    "allowed_cidrs": (
        ("allowed-cidrs", "allowed_cidrs"),
        [
            "7: marginalia:stack.ingress.allowed_cidrs: no such key. Did you mean allowed-cidrs? The keys are"
            " access-logs, allowed-cidrs, domain, firewall, health, idle-timeout, request-limit, zone-id."
        ],
    ),
    "zone": (
        ("zones:", "zone:"),
        [
            "6: marginalia:stack.network.zone: no such key. Did you mean zones?"
            " The keys are cidr, egress, flow-logs, zones."
        ],
    ),
    "a key of a section at the top": (
        ("network: {cidr: 10.20.0.0/16, zones", "cidr: 10.20.0.0/16\n    network: {zones"),
        [f"6: marginalia:stack.cidr: no such key. Did you mean network.cidr? The keys are {KEYS}."],
    ),
    "an egress mode": (
        ("us-east-1b]", "us-east-1b], egress: nat-per-zones"),
        [
            '6: marginalia:stack.network.egress is "nat-per-zones": must be public, endpoints, nat or nat-per-zone.'
            " Did you mean nat-per-zone?"
        ],
    ),
    "another egress mode": (
        ("us-east-1b]", "us-east-1b], egress: endpoint"),
        [
            '6: marginalia:stack.network.egress is "endpoint": must be public, endpoints, nat or nat-per-zone.'
            " Did you mean endpoints?"
        ],
    ),
    "a service": (
        ("bucket:", "sizes:\n      promtsvc: {cpu: 512, memory: 1024}\n    bucket:"),
        [
            "9: marginalia:stack.sizes.promtsvc: no such service. Did you mean promptsvc? The services are"
            f" {', '.join(CATALOGUE.names)}."
        ],
    ),
    "the default size": (
        ("bucket:", "sizes: {defualt: {max: 4}}\n    bucket:"),
        [
            "8: marginalia:stack.sizes.defualt: no such service. Did you mean default? The services are"
            f" {', '.join(CATALOGUE.names)}."
        ],
    ),
    # Said once.
    "a default size": (
        ("bucket:", "sizes: {default: {cpu: 300}, mcp: {max: 4}}\n    bucket:"),
        [
            '8: marginalia:stack.sizes.default is {"cpu": 300}: must be a size of Fargate. Cpu is one of 256, 512,'
            " 1024, 2048, 4096, 8192, 16384."
        ],
    ),
    "a context": (
        ("image/sample", "image/smaple"),
        [
            '5: marginalia:stack.build.context is "image/smaple": must be an existing folder, with the source of every'
            " service."
        ],
    ),
    "a zone": (
        ("us-east-1b", "us-east-1a"),
        ['6: marginalia:stack.network.zones.1 is "us-east-1a": must be a zone that is not in the list yet.'],
    ),
    "a missing key has the line of its section": (
        ("cidr: 10.20.0.0/16, ", ""),
        ["6: marginalia:stack.network.cidr: missing."
         " It must be an IPv4 range without host bits, such as 10.20.0.0/16."],
    ),
    "a mapping that is a text": (
        ("{name: marginalia-content-test}", "marginalia-content-test"),
        ["8: marginalia:stack.bucket: must be a mapping. The keys are name."],
    ),
    "a list that is a text": (
        ("[us-east-1a, us-east-1b]", "us-east-1a"),
        ['6: marginalia:stack.network.zones is "us-east-1a": must be a list. Each item is a text.'],
    ),
    "an item of a list": (
        ("us-east-1b", "2"),
        ["6: marginalia:stack.network.zones.1 is 2: must be a text, in quotes. Without quotes it is a number."]
    ),
    "a number out of range": (
        ("bucket:", "spot: 101\n    bucket:"), ["8: marginalia:stack.spot is 101: must be at most 100."]
    ),
    "an octal number out of range": (
        ("bucket:", "spot: 0o200\n    bucket:"), ["8: marginalia:stack.spot is 0o200: must be at most 100."]
    ),
    # A key given twice.
    "a key": (
        ("bucket:", "spot: 1\n    spot: 2\n    bucket:"),
        ["9: marginalia:stack.spot: given twice, first in line 8. Remove one of the two."],
    ),
    "a section and a key in braces": (
        ("bucket:", "network: {cidr: 10.20.0.0/16, cidr: 10.30.0.0/16}\n    bucket:"),
        [
            "8: marginalia:stack.network: given twice, first in line 6. Remove one of the two.",
            "8: marginalia:stack.network.cidr: given twice, first in line 8. Remove one of the two.",
        ],
    ),
    "a key of Pulumi": (
        ("  marginalia", "  aws:region: eu-west-1\n  marginalia"),
        ["3: aws:region: given twice, first in line 2. Remove one of the two."],
    ),
    "config itself": (
        ("config:", "config: {}\nconfig:"), ["2: config: given twice, first in line 1. Remove one of the two."]
    ),
    # No YAML.
    "braces in a context": (
        ("image/sample", "../mrgnl-{service}"),
        [
            "5: is not YAML: expected ',' or '}', but got '{' (column 31)."
            ' Put a text with braces in quotes, such as "../mrgnl-{service}".'
        ],
    ),
    "a tab": (
        ("    bucket", "\tbucket"),
        ["8: is not YAML: found character '\\t' that cannot start any token (column 1). Indent with spaces, not tabs."],
    ),
    "a colon in a text": (
        ("{allowed-cidrs: [203.0.113.0/24]}", "domain: x"),
        [
            "7: is not YAML: mapping values are not allowed here (column 20)."
            " Put a text with a colon in quotes, or correct the indentation."
        ],
    ),
    "an anchor that does not exist": (
        ("image/sample", "*hunter2"), ["5: is not YAML: found undefined alias (column 22). Put the text in quotes."]
    ),
    "a tag that does not exist": (
        ("image/sample", "!hunter2 x"),
        ["5: is not YAML: could not determine a constructor (column 22). Put the text in quotes."],
    ),
    "an at sign": (
        ("image/sample", "@hunter2"),
        ["5: is not YAML: found character '@' that cannot start any token (column 22). Put the text in quotes."],
    ),
    "a control character": (
        ("image/sample", "a\x07"), ["5: is not YAML: a control character is not allowed. Remove it."]
    ),
    "a quote without its other": (
        ("image/sample", "'hunter2"), ["9: is not YAML: found unexpected end of stream (column 1)."]
    ),
}  # fmt: skip
