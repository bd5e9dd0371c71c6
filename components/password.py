"""Keeps a new password from the services until RDS has it. docs/adr/0013-a-password-is-used-once-rds-has-it.md"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi import Output, ResourceHook, ResourceHookArgs, ResourceHookBinding, ResourceHookOptions

from config.problems import UserError

FIRST_REVISION = 1


class PasswordHooks:
    """The hooks of one update: they let a new password pass only if the update changed it in RDS.

    After a failed change, Pulumi's state has the password that RDS lacks. No later update tries again and no refresh
    sees it, as RDS never returns a password. https://www.pulumi.com/docs/iac/concepts/resources/options/hooks/
    """

    on_instance: ResourceHookBinding
    """Of the RDS instance."""
    on_confirmed: ResourceHookBinding
    """Of the Stash with the password that RDS has. The first revision's passes: RDS was created with it."""

    def __init__(self, name: str, revision: int) -> None:
        self._revision = revision
        self._is_changed = False
        # In a preview too: it shows what the update would do.
        always = ResourceHookOptions(on_dry_run=True)
        record = ResourceHook(f"{name}-password-changed", self._record, always)
        require = ResourceHook(f"{name}-password-confirmed", self._require, always)
        self.on_instance = ResourceHookBinding(after_create=[record], after_update=[record])
        is_first = revision == FIRST_REVISION
        self.on_confirmed = ResourceHookBinding(before_create=[] if is_first else [require], before_update=[require])

    async def _record(self, args: ResourceHookArgs) -> None:
        """Runs only after a create or update that succeeded.

        The update after a failed one succeeds without a request to RDS: a failed one leaves the former inputs in the
        state, but the requested outputs, and the provider compares with the outputs.
        https://github.com/pulumi/pulumi/blob/v3.232.0/pkg/engine/update.go#L1084
        """
        is_new = not args.old_outputs
        self._is_changed = is_new or await _password(args.old_outputs) != await _password(args.new_inputs)

    def _require(self, _: ResourceHookArgs) -> None:
        if not self._is_changed:
            raise UserError(
                "RDS may still have a former password: an earlier change of it did not complete. Increment"
                f" database.password-revision to {self._revision + 1} in the stack file, then run"
                " `pulumi up --refresh`."
            )


async def _password(properties: Mapping[str, Any] | None) -> object:
    """None if there is none, or if a preview does not know it."""
    return await Output.from_input((properties or {}).get("password")).future()
