"""What a provider finds different, and what of it replaces the resource."""

from __future__ import annotations

from collections.abc import Iterable

from simulator.cloud import ResourceType
from simulator.sdk import DEFAULTS, plain, provider_pb2
from simulator.store import Properties


def compared(old_inputs: Properties, olds: Properties, news: Properties, resource_type: ResourceType) -> Properties:
    """The values that the provider compares with the new inputs."""
    if resource_type.failure.sdk == "native":
        return old_inputs
    return {key: olds.get(key, old_inputs.get(key)) for key in {*old_inputs, *news}}


def difference(
    old: Properties, new: Properties, resource_type: ResourceType, ignored: Iterable[str] = ()
) -> provider_pb2.DiffResponse:
    """The answer to Diff: `old` has the values of the state as they were last read."""
    unchanged = {
        *ignored,
        *resource_type.ignore_changes,
        *(resource_type.ignore_removal - {*new}),
        *resource_type.suppressed(old, new),
    }
    changed = sorted(
        key
        for key in {*old, *new} - unchanged
        if not key.startswith("__") and plain(old.get(key)) != plain(new.get(key))
    )
    replaces = [key for key in changed if key in resource_type.replace_on_changes]
    # Names are unique: a replacement that keeps an explicit name must delete before it creates.
    name = resource_type.name_property
    keeps_explicit_name = name is not None and name not in changed and name not in new.get(DEFAULTS, [])
    return provider_pb2.DiffResponse(
        changes=provider_pb2.DiffResponse.DIFF_SOME if changed else provider_pb2.DiffResponse.DIFF_NONE,
        diffs=changed,
        replaces=replaces,
        deleteBeforeReplace=bool(replaces) and (keeps_explicit_name or resource_type.delete_before_replace),
        stables=[key for key in resource_type.outputs if key not in resource_type.recomputed],
    )
