"""prod without images and with dev's images, in the same simulated cloud as dev."""

from __future__ import annotations

from tests.engine.conftest import Checkout


def images_of_dev(checkout: Checkout) -> dict[str, str]:
    return checkout.simulator.outputs("dev")["images"]


def test_prod_runs_the_digests_of_dev_and_builds_nothing(dev: Checkout) -> None:
    """Promise 4."""
    images = images_of_dev(dev)
    assert dev.run("up", "prod").succeeded  # without services
    dev.edit("prod", lambda stack: stack.update(images=images))
    created = {name for operation, name in dev.changed("up", "prod") if operation == "create"}
    assert not [name for name in created if name.endswith(("-repository", "-build"))]
    assert dev.simulator.outputs("prod")["images"] == images
    assert dev.simulator.outputs("prod")["url"] == "https://api.marginalia.sh"


def test_updates_fail_until_the_pinned_image_exists(dev: Checkout) -> None:
    images = images_of_dev(dev)
    missing = images["mcp"][:-64] + "f" * 64
    dev.edit("prod", lambda stack: stack.update(images={**images, "mcp": missing}))
    # The second update has no difference and deploys nothing: the check finds that no task runs.
    for reason in (f"CannotPullContainerError: {missing}: not found", "mcp: no task of mrgnl-mcp:1 runs"):
        result = dev.simulator.run("up", "prod")
        assert not result.succeeded
        assert reason in " ".join(result.errors)
        assert dev.states("prod") == {**dict.fromkeys(images, "steady"), "mcp": "does not start"}
    dev.edit("prod", lambda stack: stack.update(images=images))
    dev.run("up", "prod")
    assert dev.changed("up", "prod") == set()


def test_an_account_that_is_not_a_consumer_cannot_pull(dev: Checkout) -> None:
    dev.edit("dev", lambda stack: stack["build"].update(consumers=[]))
    dev.run("up", "dev")
    dev.edit("prod", lambda stack: stack.update(images=images_of_dev(dev)))
    result = dev.simulator.run("up", "prod")
    assert not result.succeeded
    assert "the repository's policy does not let account 000000000001 pull" in " ".join(result.errors)


def test_destroy_of_a_protected_stack_names_the_protected_resources_and_deletes_nothing(checkout: Checkout) -> None:
    checkout.run("up", "prod")
    before = checkout.stored()
    result = checkout.simulator.run("destroy", "prod")
    assert not result.succeeded
    message = " ".join(result.errors)
    for name in ("database-instance", "bucket-bucket", "ingress-balancer"):
        assert f"::{name}" in message
    assert checkout.stored() == before
