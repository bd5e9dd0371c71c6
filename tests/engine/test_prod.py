"""prod, as a platform and with dev's images, beside dev in one simulated cloud."""

from __future__ import annotations

from simulator import report
from tests.engine.conftest import Checkout


def images_of_dev(checkout: Checkout) -> dict[str, str]:
    return checkout.simulator.outputs("dev")["images"]


def test_prod_runs_the_bytes_that_dev_ran_and_builds_nothing(dev: Checkout) -> None:
    """Promise 4."""
    images = images_of_dev(dev)
    assert dev.run("up", "prod").succeeded  # a platform
    dev.edit("prod", lambda stack: stack.update(images=images))
    created = {name for operation, name in dev.changed("up", "prod") if operation == "create"}
    assert not [name for name in created if name.endswith(("-repository", "-build"))]
    assert dev.simulator.outputs("prod")["images"] == images
    assert dev.simulator.outputs("prod")["url"] == "https://api.marginalia.sh"


def test_an_image_that_does_not_exist_never_becomes_green_and_an_existing_one_then_does(dev: Checkout) -> None:
    images = images_of_dev(dev)
    gone = images["mcp"][:-64] + "f" * 64
    dev.edit("prod", lambda stack: stack.update(images={**images, "mcp": gone}))
    for _ in range(2):
        result = dev.simulator.run("up", "prod")
        assert not result.succeeded
        assert f"CannotPullContainerError: {gone}: not found" in " ".join(result.errors)
        states = {row.service: row.state for row in report.services(dev.home, "prod")}
        assert states == {**dict.fromkeys(images, "steady"), "mcp": "does not start"}
    dev.edit("prod", lambda stack: stack.update(images=images))
    dev.run("up", "prod")
    assert dev.changed("up", "prod") == set()


def test_an_account_that_is_no_consumer_cannot_pull(dev: Checkout) -> None:
    dev.edit("dev", lambda stack: stack["build"].update(consumers=[]))
    dev.run("up", "dev")
    dev.edit("prod", lambda stack: stack.update(images=images_of_dev(dev)))
    result = dev.simulator.run("up", "prod")
    assert not result.succeeded
    assert "the repository's policy does not let account 000000000001 pull" in " ".join(result.errors)


def test_destroy_of_a_protected_stack_names_what_protects_it_and_deletes_nothing(checkout: Checkout) -> None:
    checkout.run("up", "prod")
    before = checkout.held()
    result = checkout.simulator.run("destroy", "prod")
    assert not result.succeeded
    told = " ".join(result.errors)
    for name in ("database-instance", "bucket-bucket", "ingress-balancer"):
        assert f"::{name}" in told
    assert checkout.held() == before
