"""The changes whose pages are golden files: edits of sources, stack files, services.py or registrations."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from config.catalogue import Entry, Job
from ecs import types
from ops import cli as ops
from tests.engine.conftest import Checkout
from tests.git import commit_all, git
from tests.images import image
from tests.jobs import JOBS

SECRET = "arn:aws:secretsmanager:us-east-1:111122223333:secret:signing-key-AbCdEf"


def change_entry(checkout: Checkout, name: str, **changes: Any) -> None:
    checkout.edit_services(lambda entries: entries.update({name: replace(entries[name], **changes)}))


def new_image(checkout: Checkout) -> None:
    main = checkout.sources / "mrgnl-promptsvc" / "cmd" / "server" / "main.go"
    main.write_text(main.read_text() + "\n// a comment\n")


def environment(checkout: Checkout) -> None:
    change_entry(checkout, "chatsvc", environment={"LOG_LEVEL": "debug | <b>all</b>"})


def secret(checkout: Checkout) -> None:
    change_entry(checkout, "authsvc", secrets=("SIGNING_KEY",))
    for stack in ("dev", "prod"):
        checkout.edit(stack, lambda section: section.update(secrets={"authsvc": {"SIGNING_KEY": f"{SECRET}:::v1"}}))


def size(checkout: Checkout) -> None:
    checkout.edit("prod", lambda stack: stack["sizes"].update(chatsvc={"cpu": 1024, "memory": 2048, "max": 9}))


def call(checkout: Checkout) -> None:
    change_entry(checkout, "chatsvc", calls=("promptsvc",))


def service_added(checkout: Checkout) -> None:
    latesvc = Entry(name="latesvc", port=9999, database=True)
    checkout.edit_services(lambda entries: entries.update(latesvc=latesvc))
    shutil.copytree(checkout.sources / "mrgnl-chatsvc", checkout.sources / "mrgnl-latesvc")


def chatsvc_unused(checkout: Checkout) -> None:
    """docs/howto/remove-a-service.md: no service calls it, and prod does not run it."""
    change_entry(checkout, "mcp", calls=("authsvc", "promptsvc", "scrapsvc"))
    checkout.edit("prod", lambda stack: stack["images"].pop("chatsvc"))


def entry_removed(checkout: Checkout) -> None:
    checkout.edit_services(lambda entries: entries.pop("chatsvc"))


def service_removed_too_early(checkout: Checkout) -> None:
    change_entry(checkout, "mcp", calls=("authsvc", "promptsvc", "scrapsvc"))
    entry_removed(checkout)


def subnet_renumbered(checkout: Checkout) -> None:
    checkout.edit("dev", lambda stack: stack["network"].update(cidr="10.21.0.0/16"))


def nothing(_: Checkout) -> None: ...


def other_database(request: Any) -> None:
    if request.type == types.DB_INSTANCE:
        request.object.fields["dbName"].string_value = "content"


def promoted(checkout: Checkout) -> None:
    """Deploys the same commit of promptsvc to both stacks; prod's stack file names it."""
    commit_all(checkout.sources / "mrgnl-promptsvc")
    commit_all(checkout.root)
    new_image(checkout)
    _promote(checkout, "Add a comment")


def promotion(checkout: Checkout) -> None:
    new_image(checkout)
    _promote(checkout, "Add another comment")


def _promote(checkout: Checkout, message: str) -> None:
    """Commits promptsvc, deploys it to dev and promotes it to prod."""
    git(checkout.sources / "mrgnl-promptsvc", "commit", "--quiet", "--all", "--message", message)
    checkout.run("up", "dev")
    git(checkout.root, "commit", "--quiet", "--all", "--allow-empty", "--message", "prod")
    promote = ["promote", "dev", "prod", "--service", "promptsvc", "--simulator", "--home", str(checkout.home.path)]
    assert ops.main(promote, root=checkout.root) == 0


def reorder(checkout: Checkout) -> None:
    for stack in ("dev", "prod"):
        checkout.edit(
            stack, lambda section: [section.update({key: section.pop(key)}) for key in sorted(section, reverse=True)]
        )
        file = checkout.root / f"Pulumi.{stack}.yaml"
        file.write_text(f"# a comment\n{file.read_text()}")
    change_entry(checkout, "mcp", calls=("promptsvc", "authsvc", "scrapsvc", "chatsvc"))


def exposure(checkout: Checkout) -> None:
    checkout.edit("dev", lambda stack: stack["ingress"].update({"allowed-cidrs": ["0.0.0.0/0"]}))


def protection_off(checkout: Checkout) -> None:
    checkout.edit("prod", lambda stack: stack.update(protect=False))


def retention(checkout: Checkout) -> None:
    checkout.edit("prod", lambda stack: stack.update({"log-retention-days": 7}))
    checkout.edit("prod", lambda stack: stack["database"].update({"backup-days": 1}))


def database_class(checkout: Checkout) -> None:
    checkout.edit("prod", lambda stack: stack["database"].update({"class": "db.m7g.xlarge"}))


def permission(checkout: Checkout) -> None:
    change_entry(checkout, "authsvc", bucket=True)


def public_addresses(checkout: Checkout) -> None:
    checkout.edit("dev", lambda stack: stack["network"].update(egress="public"))


def debug(checkout: Checkout) -> None:
    checkout.edit("prod", lambda stack: stack.update(debug={"image": image("toolbox")}))


def strategies(checkout: Checkout) -> None:
    """Dev's gateway waits for a person, and its other services are rolled out as before."""
    shifts = {"strategy": "blue-green", "bake-minutes": 5, "approve": True}
    checkout.edit("dev", lambda stack: stack.update(rollout={"mcp": shifts, "promptsvc": {**shifts, "approve": False}}))


def size_of_both(checkout: Checkout) -> None:
    checkout.edit("dev", lambda stack: stack.update(sizes={"mcp": {"memory": 1024}, "promptsvc": {"memory": 1024}}))


def budget(checkout: Checkout) -> None:
    alerts = {"emails": ["ops@example.com"]}
    checkout.edit("dev", lambda stack: stack.update(alerts=alerts, budget=150))


def gateway_in_each_zone(checkout: Checkout) -> None:
    checkout.edit("dev", lambda stack: stack["network"].update(egress="nat-per-zone"))


def ten_more_services(checkout: Checkout) -> None:
    names = [f"worker{number:02}" for number in range(1, 11)]
    for name in names:
        shutil.copytree(checkout.sources / "mrgnl-chatsvc", checkout.sources / f"mrgnl-{name}")
    more = {name: Entry(name=name, port=9100 + number) for number, name in enumerate(names)}
    checkout.edit_services(lambda entries: entries.update(more))


def environment_of_all(checkout: Checkout) -> None:
    def change(entries: dict[str, Entry]) -> None:
        entries.update({name: replace(each, environment={"LOG_LEVEL": "debug"}) for name, each in entries.items()})

    checkout.edit_services(change)


def staging(checkout: Checkout) -> None:
    """A stack like prod, without its protection."""
    shutil.copy(checkout.root / "Pulumi.prod.yaml", checkout.root / "Pulumi.staging.yaml")

    def change(stack: dict[str, Any]) -> None:
        stack.update(protect=False, account="000000000002", bucket={"name": "marginalia-content-staging"})
        stack["ingress"].update(domain="staging.marginalia.sh")

    checkout.edit("staging", change)
    checkout.edit("dev", lambda stack: stack["build"].update(consumers=["000000000001", "000000000002"]))


def retention_of_staging(checkout: Checkout) -> None:
    size(checkout)
    checkout.edit("staging", lambda stack: stack.update({"log-retention-days": 30}))
    environment(checkout)


def logins(mode: str, revision: int = 1) -> Callable[[Checkout], None]:
    """An edit of who logs in as whom in dev."""

    def change(checkout: Checkout) -> None:
        checkout.edit("dev", lambda stack: stack.update(database={"logins": mode, "password-revision": revision}))

    return change


def moved(checkout: Checkout) -> None:
    logins("moving")(checkout)
    checkout.run("up", "dev")
    logins("own")(checkout)


def jobs(checkout: Checkout) -> None:
    """One by a schedule, and a migration."""
    change_entry(checkout, "promptsvc", migrate=True)
    declare(checkout, JOBS[0])


def other_jobs(checkout: Checkout) -> None:
    """The job starts at another time, there is one with an image of its own, and the migration has a new image."""
    new_image(checkout)
    shutil.copytree(checkout.sources / "mrgnl-chatsvc", checkout.sources / "mrgnl-export")
    declare(checkout, replace(JOBS[0], schedule="cron(0 5 * * ? *)"), JOBS[1])


def declare(checkout: Checkout, *declared: Job) -> None:
    file = checkout.root / "services.py"
    text = file.read_text().partition("from config.catalogue import Job")[0]
    file.write_text(f"{text}from config.catalogue import Job\n\nJOBS = {declared!r}\n")


@dataclass(frozen=True)
class Case:
    change: Callable[[Checkout], None]
    """An edit of sources, stack files or services.py."""
    stacks: tuple[str, ...] = ("dev", "prod")
    base: Callable[[Checkout], None] | None = None
    """An edit that is deployed before the change."""
    registration: Callable[[Any], None] | None = None
    """An edit of a registration that the program sends to the engine."""


CASES = {
    "new-image": Case(new_image),
    "environment-changed": Case(environment, ("dev",)),
    "secret-added": Case(secret, ("dev",)),
    "size": Case(size, ("prod",)),
    "call-added": Case(call, ("dev",)),
    "service-added": Case(service_added, ("dev",)),
    "service-removed": Case(entry_removed, base=chatsvc_unused),
    "service-removed-too-early": Case(service_removed_too_early),
    "subnet-renumbered": Case(subnet_renumbered, ("dev",)),
    "database-replaced": Case(nothing, registration=other_database),
    "promotion": Case(promotion, ("prod",), base=promoted),
    "reorder-and-comment-only": Case(reorder),
    "exposure": Case(exposure, ("dev",)),
    "protection-off": Case(protection_off, ("prod",)),
    "retention-shortened": Case(retention, ("prod",)),
    "database-class": Case(database_class, ("prod",)),
    "permission-wider": Case(permission, ("dev",)),
    "debug": Case(debug, ("prod",)),
    "strategies": Case(strategies, ("dev",)),
    "strategies-at-work": Case(size_of_both, ("dev",), base=strategies),
    "public-addresses": Case(public_addresses, ("dev",)),
    "budget-exceeded": Case(gateway_in_each_zone, ("dev",), base=budget),
    "many-at-once": Case(environment_of_all, ("dev",), base=ten_more_services),
    "logins-moving": Case(logins("moving"), ("dev",)),
    "logins-own": Case(logins("own"), ("dev",), base=logins("moving")),
    "logins-back-to-shared": Case(logins("shared"), ("dev",), base=logins("moving")),
    "logins-rotation": Case(logins("own", 2), ("dev",), base=moved),
    "jobs": Case(other_jobs, ("dev",), base=jobs),
    "three-stacks": Case(retention_of_staging, ("dev", "staging", "prod"), base=staging),
}
