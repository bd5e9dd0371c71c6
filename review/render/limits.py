"""GitHub's limits of a page. Uses the standard library only: a workflow imports it."""

from __future__ import annotations

COMMENT = 64_000
"""Bytes of a page for a comment. GitHub accepts 65,536 characters, and Linux 128 KiB in an environment variable.
https://docs.github.com/en/rest/issues/comments, https://man7.org/linux/man-pages/man2/execve.2.html"""
SUMMARY = 1_000_000
"""Bytes of a page for the summary of a job. GitHub drops one of more than 1 MiB, 1,048,576 bytes.
https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands#step-isolation-and-limits"""


def cut(text: str, longest: int, end: str) -> str:
    """At most `longest` bytes: a longer text is cut at the end of a line, and `end` is added."""
    if len(text.encode()) <= longest:
        return text
    kept = text.encode()[: longest - len(end.encode())].decode(errors="ignore")
    return kept[: kept.rfind("\n")] + end
