"""Finds the commit to compare the working tree with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from config import git
from config.problems import UserError


@dataclass(frozen=True, kw_only=True)
class Base:
    commit: str
    """The full hash."""
    title: str
    """The reference and the short hash."""
    notes: tuple[str, ...] = ()


def base(root: Path, reference: str) -> Base:
    """The merge base of the reference and HEAD. Raises UserError when the reference names no commit.

    What the reference has and HEAD has not is no change of the working tree. Without a merge base, the reference itself
    is the base, and a note says so.
    """
    git.run(root, "rev-parse", "--show-prefix")  # raises UserError in git's words if the repository cannot be read
    name, given = _resolved(root, reference)
    heads = _heads(root)
    common = git.run(root, "merge-base", given, *heads, check=False).line if heads else ""
    shown = git.readable(name)
    if not common:
        notes = (_unrelated(root, shown, unborn=not heads),)
    elif behind := int(git.run(root, "rev-list", "--count", given, "--not", *heads).line):
        notes = (
            f"{shown} is {behind} {'commit' if behind == 1 else 'commits'} ahead:"
            f" the base is the merge base, {common[:7]}.",
        )
    else:
        notes = ()
    commit = common or given
    return Base(commit=commit, title=f"{shown} ({commit[:7]})", notes=notes)


def _resolved(root: Path, reference: str) -> tuple[str, str]:
    """The reference and its commit; the remote branch of that name if there is only one, as `git switch` does."""
    if found := _commit(root, reference):
        return reference, found
    remotes = git.run(root, "for-each-ref", "--format=%(refname:short)", f"refs/remotes/*/{reference}", check=False)
    names = remotes.line.splitlines()
    if len(names) == 1 and (found := _commit(root, f"refs/remotes/{names[0]}")):
        return names[0], found
    several = f" Several remotes have it: {', '.join(names)}." if names else ""
    raise UserError(
        f"--base {git.readable(reference)!r}: not a commit in this repository.{several}"
        " Give a branch, a tag or a hash that was fetched, such as main."
    )


def _commit(root: Path, reference: str) -> str:
    """The full hash; empty when the reference names no commit."""
    # In two steps: a suffix would become part of a reference such as `:/message`.
    found = git.run(root, "rev-parse", "--verify", "--quiet", "--end-of-options", reference, check=False)
    if found.code or not found.line.isalnum():  # such as `^main`, which is a range
        return ""
    return git.run(root, "rev-parse", "--verify", "--quiet", f"{found.line}^{{commit}}", check=False).line


def _heads(root: Path) -> list[str]:
    """HEAD, and the commit that is being merged into it; empty before the first commit."""
    named = ("HEAD", "MERGE_HEAD")
    return [found for name in named if (found := _commit(root, name))]


def _unrelated(root: Path, reference: str, *, unborn: bool) -> str:
    if unborn:
        return f"This branch has no commit yet: the base is {reference} itself."
    shallow = git.run(root, "rev-parse", "--is-shallow-repository").line == "true"
    why = " in this shallow clone; run git fetch --unshallow" if shallow else ""
    return (
        f"{reference} and HEAD have no common commit{why}. The base is {reference} itself:"
        " a change that only it has is shown as undone."
    )
