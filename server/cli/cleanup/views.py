"""Output of `motte cleanup`."""

from collections import Counter
from typing import Any

import click

from server.cli.cleanup.leftovers import Kind, Leftover
from server.cli.cleanup.removal import RemovalResult
from server.cli.common.output import note, print_json, print_table, say
from server.core.paths import StateFolder


class NotAllRemoved(click.ClickException):
    """Something could not be removed."""


def print_found(found: list[Leftover]) -> None:
    """Prints a table of what will be removed."""
    if found:
        print_table(
            ("KIND", "NAME", "WHY"),
            [(leftover.kind, leftover.name, leftover.why) for leftover in found],
        )
    else:
        say("There is nothing to clean up.")


def note_kept(folder: StateFolder, kept: list[Leftover]) -> None:
    """Explains why the folders of linked accounts are kept."""
    for orphan in kept:
        note(
            f"{folder.sessions / orphan.name} is kept: it holds the credentials of an account, and its "
            "session is not in the database. Bring it back (docs/reference/sessions.md), "
            "or remove it with --linked-orphans."
        )


def print_removed(
    found: list[Leftover],
    removed: list[RemovalResult],
    kept: list[Leftover],
    *,
    dry_run: bool,
    output: str,
) -> None:
    """Prints the result; output: `table` or `json`. Raises NotAllRemoved."""
    failed = [outcome for outcome in removed if outcome.error]
    if output == "json":
        print_json(
            {
                "dryRun": dry_run,
                "items": _as_json(found, removed),
                "kept": [{"kind": orphan.kind, "name": orphan.name, "why": orphan.why} for orphan in kept],
            }
        )
    elif removed:
        gone = [outcome.leftover for outcome in removed if not outcome.error]
        say(f"Removed {count_by_kind(gone)}.")
    if failed:
        lines = [f"{outcome.leftover.kind} {outcome.leftover.name}: {outcome.error}" for outcome in failed]
        raise NotAllRemoved("\n".join(["not everything could be removed", *lines]))


def _as_json(found: list[Leftover], removed: list[RemovalResult]) -> list[dict[str, Any]]:
    outcomes = removed or [RemovalResult(leftover, None) for leftover in found]
    return [
        {
            "kind": leftover.kind,
            "name": leftover.name,
            "why": leftover.why,
            "removed": bool(removed) and error is None,
            "error": error,
        }
        for leftover, error in outcomes
    ]


def count_by_kind(leftovers: list[Leftover]) -> str:
    """Returns a text such as `2 sessions, 1 folder`."""
    counts = Counter(leftover.kind for leftover in leftovers)
    words = [f"{counts[kind]} {kind}{'s' * (counts[kind] != 1)}" for kind in Kind if counts[kind]]
    return ", ".join(words) or "nothing"
