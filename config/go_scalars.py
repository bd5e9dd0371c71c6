"""What a plain scalar of YAML is for gopkg.in/yaml.v3. https://github.com/go-yaml/yaml/blob/v3.0.1/resolve.go"""

from __future__ import annotations

import math
import re
from datetime import datetime

_WORDS: dict[str, tuple[str, object]] = {
    **dict.fromkeys(["", "~", "null", "Null", "NULL"], ("null", None)),
    **dict.fromkeys(["true", "True", "TRUE"], ("bool", True)),
    **dict.fromkeys(["false", "False", "FALSE"], ("bool", False)),
    **dict.fromkeys([".nan", ".NaN", ".NAN"], ("float", math.nan)),
    **dict.fromkeys([".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"], ("float", math.inf)),
    **dict.fromkeys(["-.inf", "-.Inf", "-.INF"], ("float", -math.inf)),
    "<<": ("merge", "<<"),
}
_INTEGER = re.compile(r"([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]+|0|[1-9][0-9]*)")
_SIGN_AFTER_PREFIX = re.compile(r"(?:0b([-+][01]+)|0o([-+][0-7]+))")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_POINT_FIRST = re.compile(r"\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?")
_DATE = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})"
    r"(?:[Tt](?P<zoned>\d{1,2}:\d{1,2}:\d{1,2})(?P<fraction>[.,]\d+)?(?P<zone>Z|[-+]\d\d:\d\d)"
    r"| (?P<time>\d{1,2}:\d{1,2}:\d{1,2})(?P<part>[.,]\d+)?)?"
)
INT_64 = range(-(2**63), 2**63)
_UINT_64 = range(2**63, 2**64)


def scalar(plain: str) -> tuple[str, object]:
    """The kind of a plain scalar, by the last part of its tag, and its value."""
    if plain in _WORDS:
        return _WORDS[plain]
    if plain[:1] == ".":
        found = _POINT_FIRST.fullmatch(plain) and float(plain)
        return ("str", plain) if found is None or math.isinf(found) else ("float", found)
    if plain[:1] not in tuple("+-0123456789"):
        return "str", plain
    if (found := _timestamp(plain)) is not None:
        return "timestamp", found
    digits = plain.replace("_", "")
    integer = _integer(digits)
    if integer is not None:
        return "int", integer
    if _FLOAT.fullmatch(digits) and math.isfinite(number := float(digits)):
        return "float", number
    return "str", plain


def _integer(digits: str) -> int | None:
    if late := _SIGN_AFTER_PREFIX.fullmatch(digits):
        return int(late[1], 2) if late[1] else int(late[2], 8)
    if not (found := _INTEGER.fullmatch(digits)):
        return None
    octal = len(found[2]) > 1 and found[2][1].isdigit() and found[2][0] == "0"
    number = int(found[2], 8 if octal else 0) * (-1 if found[1] == "-" else 1)
    return number if number in INT_64 or (number in _UINT_64 and not found[1]) else None


def _timestamp(plain: str) -> str | None:
    """A date and time as Go prints it, which is what Pulumi's CLI makes of it."""
    found = _DATE.fullmatch(plain)
    if not found:
        return None
    time = found["zoned"] or found["time"] or "0:0:0"
    zone = found["zone"] or "Z"
    year, month, day = (int(each) for each in found.groups()[:3])
    hour, minute, second = (int(each) for each in time.split(":"))
    try:
        moment = datetime(year, month, day, hour, minute, second)
    except ValueError:
        return None
    hours, minutes = (int(zone[1:3]), int(zone[4:6])) if zone != "Z" else (0, 0)
    if hours > 24 or minutes > 60:
        return None
    digits = (found["fraction"] or found["part"] or "")[1:10].rstrip("0")
    shown = "+0000 UTC" if zone[1:] in ("", "00:00") else " ".join([zone.replace(":", "")] * 2)
    return f"{moment.isoformat(' ')}{'.' * bool(digits)}{digits} {shown}"
