"""The demo: a change is promoted from dev to prod and reverted."""

from __future__ import annotations

from tests.declared import CATALOGUE
from tests.engine.conftest import Checkout
from tests.git import commit_all
from tools.demo import Demo, Moment


def test_prod_runs_the_digests_of_dev_and_after_a_revert_its_former_ones(checkout: Checkout) -> None:
    """Independent of the committed stack files."""
    (checkout.root / "Pulumi.dev.yaml").write_text("config: {marginalia:stack: {account: '123456789012'}}\n")
    (checkout.root / "Pulumi.prod.yaml").unlink()
    commit_all(checkout.root)
    demo = Demo(simulator=checkout.simulator, report=lambda _: None)
    edited = demo.edited
    dev, prod, dev_edited, prod_again, prod_reverted = demo.run()
    assert dev.images.keys() == set(CATALOGUE.names)
    assert prod.images == dev.images
    assert {name for name in dev.images if dev_edited.images[name] != dev.images[name]} == {edited}
    assert prod_again.images == dev_edited.images
    assert prod_reverted.images == prod.images
    rollout = {("replace", f"{edited}-task-definition"), ("update", f"{edited}-service")}
    assert changed(prod_again) == changed(prod_reverted) == rollout


def changed(moment: Moment) -> set[tuple[str, str]]:
    return {(step.operation, step.name) for step in moment.steps if "-" not in step.operation}
