"""Brings the objects forward that an older version of this repository stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from simulator import generated
from simulator.cloud import ResourceType
from simulator.store import Store


def complete(store: Store, types: Mapping[str, ResourceType]) -> None:
    """Adds outputs that were not simulated yet, as a create computes them; only templates, which need no other object.

    Pulumi's state gets them by the next update of the resource or the next refresh.
    """
    for token, resource_type in types.items():
        templates = {key: each for key, each in resource_type.outputs.items() if isinstance(each, str)}
        for existing in store.find(token):
            missing = [key for key in templates if key not in existing.properties]
            if existing.urn and missing:  # not those that no stack created
                where = {"account": existing.account, "region": existing.region, "id": existing.id}
                values = {**where, **generated.values(existing.urn, store.number(existing)), **existing.properties}
                added = {key: templates[key].format_map(values) for key in missing}
                store.put(replace(existing, properties={**existing.properties, **added}))
