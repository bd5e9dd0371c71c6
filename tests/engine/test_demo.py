"""What `make demo` shows: a change goes from dev to prod and back."""

from __future__ import annotations

from services import CATALOGUE
from tests.engine.conftest import Checkout
from tools.demo import EDITED, Demo, Moment, git


def test_a_change_goes_to_prod_as_the_bytes_that_dev_ran_and_back_by_a_revert(checkout: Checkout) -> None:
    """Whatever the committed stack files say."""
    (checkout.root / "Pulumi.dev.yaml").write_text("config: {marginalia:stack: {account: '123456789012'}}\n")
    (checkout.root / "Pulumi.prod.yaml").unlink()
    for arguments in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "As it was"]):
        git(checkout.root, *arguments)
    dev, prod, dev_edited, prod_again, prod_reverted = Demo(simulator=checkout.simulator, say=lambda _: None).run()
    assert dev.images.keys() == set(CATALOGUE.names)
    assert prod.images == dev.images
    assert {name for name in dev.images if dev_edited.images[name] != dev.images[name]} == {EDITED}
    assert prod_again.images == dev_edited.images
    assert prod_reverted.images == prod.images
    rolled_out = {("replace", f"{EDITED}-task-definition"), ("update", f"{EDITED}-service")}
    assert changed(prod_again) == changed(prod_reverted) == rolled_out


def changed(moment: Moment) -> set[tuple[str, str]]:
    return {(step.operation, step.name) for step in moment.steps if "-" not in step.operation}
