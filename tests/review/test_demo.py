"""The demo: changes are promoted from dev to prod, and one whose rollout fails is taken back."""

from __future__ import annotations

from tests.declared import CATALOGUE
from tests.engine.conftest import Checkout
from tests.git import commit_all
from tools.demo import Demo, Moment


def test_prod_runs_the_digests_of_dev_and_after_a_rollback_its_former_ones(checkout: Checkout) -> None:
    """Independent of the committed stack files."""
    (checkout.root / "Pulumi.dev.yaml").write_text("config: {marginalia:stack: {account: '123456789012'}}\n")
    (checkout.root / "Pulumi.prod.yaml").unlink()
    commit_all(checkout.root)
    demo = Demo(simulator=checkout.simulator, report=lambda _: None)
    edited = demo.edited
    dev, prod, dev_edited, prod_again, dev_again, prod_back = demo.run()
    assert dev.images.keys() == set(CATALOGUE.names)
    assert prod.images == dev.images
    assert {name for name in dev.images if dev_edited.images[name] != dev.images[name]} == {edited}
    assert prod_again.images == dev_edited.images
    assert dev_again.images[edited] not in (dev.images[edited], dev_edited.images[edited])
    assert prod_back.images == prod_again.images
    rollout = {("replace", f"{edited}-task-definition"), ("update", f"{edited}-service")}
    assert changed(prod_again) == changed(prod_back) == rollout


def changed(moment: Moment) -> set[tuple[str, str]]:
    return {(step.operation, step.name) for step in moment.steps if "-" not in step.operation}
