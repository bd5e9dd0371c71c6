"""The command line: moves the digests that one stack runs into the file of the next."""

from __future__ import annotations

import argparse
import sys
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from promotion import cloud
from promotion.cloud import Cloud
from promotion.errors import PromotionError
from promotion.promote import Promotion, prepare
from promotion.release import releasable
from services import CATALOGUE

ROOT = Path(__file__).parent.parent
DESCRIPTION = """\
Writes the images that stack FROM runs, by digest, into the file of stack TO, and
tags them in ECR, so that no lifecycle rule takes them. Refused unless FROM runs
them well. It deploys nothing."""
EXAMPLES = """\
examples:
  python -m promotion dev prod                      all that dev runs
  python -m promotion dev prod --service promptsvc  this one; the others stay
  python -m promotion dev --releasable              what was promoted and is needed no more"""


def main(arguments: list[str] | None = None, *, root: Path = ROOT) -> int:
    """The exit code: 0 when it is done or was done already, 1 when it was refused, 2 when it was not understood."""
    options = _options(arguments)
    try:
        with _cloud(options, root) as where:
            if options.releasable:
                _print_releasable(where, options.source, root)
            else:
                _promote(where, options, root)
    except PromotionError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Interrupted. The next promotion completes what was begun.", file=sys.stderr)
        return 130
    return 0


def _cloud(options: argparse.Namespace, root: Path) -> AbstractContextManager[Cloud]:
    if not options.simulator:
        return nullcontext(cloud.aws(root))
    return cloud.simulated(root, options.home or root / ".simulator", tools=ROOT)


def _promote(where: Cloud, options: argparse.Namespace, root: Path) -> None:
    promotion = prepare(
        where,
        source_stack=options.source,
        target_stack=options.target,
        only=options.service,
        catalogue=CATALOGUE,
        root=root,
        today=datetime.now(UTC).date().isoformat(),
    )
    _print_moves(promotion, options)
    file = promotion.file.path.name
    if options.dry_run:
        print("A dry run: nothing is tagged and nothing is written.")
        return
    promotion.carry_out(where)
    if promotion.text == promotion.file.text:
        print(f"{file} says so already.")
    else:
        print(f"Written to {file}. Look at it and commit it; this shows what it will change:")
        print(f"  {where.preview} {options.target}")


def _print_moves(promotion: Promotion, options: argparse.Namespace) -> None:
    table = Table(title=f"{options.source} to {options.target}", title_justify="left")
    for column in ("service", "from", "to"):
        table.add_column(column)
    for name, reference in promotion.plan.images.items():
        before = promotion.file.images.get(name)
        if name not in promotion.plan.promoted:
            to = "stays: not asked for" if options.service else f"stays: {options.source} does not run it"
        else:
            to = "the same" if reference == before else _short(reference)
        table.add_row(name, _short(before) if before else "none", to)
    Console().print(table)


def _print_releasable(where: Cloud, stack: str, root: Path) -> None:
    found = releasable(where, stack, root)
    if not found:
        print("Every promoted image is pinned, or runs.")
        return
    table = Table(title="promoted, and neither pinned nor running", title_justify="left")
    for column in ("repository", "digest", "tags"):
        table.add_column(column)
    for each in found:
        table.add_row(each.reference.repository.name, _short(str(each.reference)), "\n".join(each.tags))
    Console().print(table)
    print("Without its tags an image goes as any former build does: aws ecr batch-delete-image --image-ids imageTag=…")


def _short(reference: str) -> str:
    return reference.rpartition("@")[2][:19]


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m promotion",
        description=DESCRIPTION,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("source", metavar="FROM", help="the stack that runs the images")
    parser.add_argument("target", metavar="TO", nargs="?", help="the stack whose Pulumi.TO.yaml is to name them")
    parser.add_argument(
        "--service", action="append", default=[], metavar="NAME", help="promote this one only; may be said again"
    )
    parser.add_argument("--dry-run", action="store_true", help="decide, say what would be, and change nothing")
    parser.add_argument("--releasable", action="store_true", help="list what was promoted and no stack pins or runs")
    parser.add_argument("--simulator", action="store_true", help="ask the simulator, not AWS")
    parser.add_argument(
        "--home",
        type=lambda path: Path(path).resolve(),
        help="where the simulator keeps its cloud (default: .simulator)",
    )
    options = parser.parse_args(arguments)
    if options.releasable == bool(options.target):
        parser.error("FROM and TO, or FROM and --releasable")
    if options.source == options.target:
        parser.error("FROM and TO are the same stack")
    if options.releasable and (options.service or options.dry_run):
        parser.error("--releasable goes with neither --service nor --dry-run")
    if options.home and not options.simulator:
        parser.error("--home goes with --simulator")
    return options
