"""The command line, with one subcommand for each verb."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from pulumi import RunError
from rich.table import Table

from config import catalogue
from ops import acting, cloud, promote, reading
from ops.cloud import Cloud
from ops.command import Commands
from ops.promote import Promotion
from ops.table import images_table, short
from ops.unused_images import unused
from simulator import usage
from simulator.home import NAME
from simulator.report import console

ROOT = Path(__file__).parent.parent
DESCRIPTION = """\
Operates deployed stacks: on AWS with the current credentials, or in the
simulator with --simulator."""
PROMOTE = """\
Pins the images that stack FROM runs, by digest, in the stack file of TO, and
tags them in ECR so that no lifecycle rule expires them. Requires that the last
update of FROM succeeded and that the rollout of each service is complete.
Deploys nothing: commit the file, then run `pulumi up --stack TO`."""
EXAMPLES = """\
examples:
  python -m ops promote dev prod                      promote all services
  python -m ops promote dev prod --service promptsvc  promote promptsvc only
  python -m ops promote dev prod --dry-run            check without writing

"""
UNUSED_IMAGES = """\
Lists the promoted images in the ECR repositories of stack STACK that no stack
file pins and no stack runs. Deletes nothing."""


def main(arguments: list[str] | None = None, *, root: Path = ROOT) -> int:
    """Runs one subcommand. Returns its exit code, 1 on an error, 130 if interrupted. Exits with 64 on wrong usage."""
    options = _options(arguments)
    try:
        with _cloud(options, root) as current:
            return options.run(current, options, root) or 0
    except RunError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(options.interrupted, file=sys.stderr)
        return 130


def _cloud(options: argparse.Namespace, root: Path) -> AbstractContextManager[Cloud]:
    if not options.simulator:
        return nullcontext(cloud.aws(root))
    return cloud.simulated(root, options.home or root / NAME, tools=ROOT)


def _promote(cloud: Cloud, options: argparse.Namespace, root: Path) -> None:
    promotion = promote.prepare(
        cloud,
        source_stack=options.source,
        target_stack=options.target,
        only=options.service,
        catalogue=catalogue.load(root),
        root=root,
        today=datetime.now(UTC).date().isoformat(),
    )
    if not options.json:
        _print_plan(promotion, options)
    if not options.dry_run:
        promotion.apply(cloud)
    file, writes = promotion.file.path.name, promotion.text != promotion.file.text
    if options.json:
        print(json.dumps(_as_json(promotion, options, changed=writes and not options.dry_run), indent=2))
    elif options.dry_run:
        print("Dry run: no image was tagged and no file was written.")
    elif not writes:
        print(f"{file}: already pins these images.")
    else:
        print(f"{file}: updated. Review and commit it, then preview the update:")
        print(f"  {cloud.preview}{options.target}")


def _as_json(promotion: Promotion, options: argparse.Namespace, *, changed: bool) -> dict[str, object]:
    """`changed`: whether the file was written. An image that is not promoted stays as it was."""
    return {
        "verb": "promote",
        "subject": f"{options.source} to {options.target}",
        "changed": changed,
        "file": promotion.file.path.name,
        "images": {
            name: {
                "before": promotion.file.images.get(name),
                "after": image,
                "promoted": name in promotion.plan.promoted,
                "commit": promotion.commits.get(name) or None,
            }
            for name, image in promotion.plan.images.items()
        },
        "not-deployed": promotion.missing,
    }


def _print_plan(promotion: Promotion, options: argparse.Namespace) -> None:
    images: dict[str, tuple[str, str]] = {}
    for name, reference in promotion.plan.images.items():
        before = promotion.file.images.get(name)
        if name not in promotion.plan.promoted:
            to = "unchanged (not selected)" if options.service else f"unchanged (not in {options.source})"
        else:
            to = "unchanged" if reference == before else short(reference)
        images[name] = (short(before or ""), to)
    commits = {name: commit or "unknown" for name, commit in promotion.commits.items()}
    console().print(images_table(f"{options.source} to {options.target}", images, commits))
    if promotion.missing:
        print(
            f"{options.source} does not run {', '.join(promotion.missing)} of services.py. To promote more, deploy it."
        )


def _unused_images(cloud: Cloud, options: argparse.Namespace, root: Path) -> None:
    found = unused(cloud, options.stack, root)
    if options.json:
        images = [{"image": str(each.reference), "tags": each.tags, "commits": each.commits} for each in found]
        print(json.dumps({"stack": options.stack, "unused": images}, indent=2))
        return
    if not found:
        print("No unused images: every promoted image is pinned or running.")
        return
    table = Table(title="promoted images that are neither pinned nor running", title_justify="left")
    for column in ("repository", "digest", "tags", "commits"):
        table.add_column(column)
    for each in found:
        table.add_row(
            each.reference.repository.name, short(str(each.reference)), "\n".join(each.tags), "\n".join(each.commits)
        )
    console().print(table)
    print(
        "To let an image expire, remove these tags; ECR then keeps it among the newest former builds: "
        "aws ecr batch-delete-image --repository-name REPOSITORY --image-ids imageTag=TAG"
    )


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = usage.parser("ops", DESCRIPTION)
    commands = Commands(parser.add_subparsers(metavar="COMMAND", required=True))
    command = commands.add(
        "promote",
        _promote,
        PROMOTE,
        help="pin the images of one stack in another stack",
        permissions=promote.PERMISSIONS,
        examples=EXAMPLES,
    )
    command.set_defaults(interrupted="Interrupted. Run the command again to complete the promotion.")
    command.add_argument("source", metavar="FROM", help="stack that runs the images")
    command.add_argument("target", metavar="TO", help="stack whose file, Pulumi.TO.yaml, is to pin them")
    command.add_argument(
        "--service", action="append", default=[], metavar="NAME", help="promote this service only (repeatable)"
    )
    command.add_argument("--dry-run", action="store_true", help="check and report without tagging or writing")
    command.add_argument("--json", action="store_true", help="print one JSON object")

    command = commands.add(
        "unused-images",
        _unused_images,
        UNUSED_IMAGES,
        help="list promoted images that are not in use",
        permissions=["ecr:DescribeImages"],
    )
    command.add_argument("stack", metavar="STACK", help="stack that owns the ECR repositories")
    command.add_argument("--json", action="store_true", help="print JSON")

    reading.add(commands)
    acting.add(commands)

    given = sys.argv[1:] if arguments is None else arguments
    end = given.index("--") if "--" in given else len(given)
    options = parser.parse_args(given[:end])
    options.after = given[end + 1 :]
    if options.after and not options.takes_arguments:
        parser.error(f"unrecognized arguments: {' '.join(given[end:])}")
    if options.run is _promote and options.source == options.target:
        parser.error("FROM and TO must be different stacks")
    if options.home and not options.simulator:
        parser.error("--home requires --simulator")
    return options
