"""The tags of a resource. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Tag.html"""

from __future__ import annotations

import re
from collections.abc import Iterator

from simulator.aws.values import is_known, mapping
from simulator.store import Properties


def tag_problems(code: str, inputs: Properties) -> Iterator[str]:
    """One message for each tag that AWS does not take, with the code of the API."""
    tags = mapping(inputs.get("tags"))
    if len(tags) > 50:
        yield f"{code}: tags can have at most 50 items, not {len(tags)}"
    for key, value in tags.items():
        if key.lower().startswith("aws:") or not re.fullmatch(r"[\w\s.:/=+\-@]{1,128}", key):
            yield f"{code}: the tag key {key!r} is reserved or invalid"
        if is_known(value) and not re.fullmatch(r"[\w\s.:/=+\-@]{0,256}", str(value)):
            yield f"{code}: the value of the tag {key!r} is invalid"
