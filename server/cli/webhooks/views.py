"""Webhooks and their deliveries as commands print them, without secrets."""

from typing import Any

from server.cli.common.moments import ago, left
from server.cli.common.output import print_json, print_pairs, print_table

HEAD = ("ID", "STATUS", "URL", "TYPES", "SESSIONS", "REASON")
DELIVERY_HEAD = ("AT", "STATE", "TYPE", "SESSION", "TRY", "ANSWER", "ERROR", "EVENT")

#: Stands for every type, or every session.
ALL = "(all)"


def print_webhooks(webhooks: list[Any]) -> None:
    """Prints a table of the API's documents."""
    print_table(HEAD, [_row(webhook) for webhook in webhooks])


def print_webhook(webhook: Any, output: str) -> None:
    """Prints one webhook. output: `table` or `json`."""
    if output == "json":
        print_json(webhook)
        return
    print_pairs(
        [
            ("id", webhook["id"]),
            ("url", webhook["url"]),
            ("status", webhook["status"]),
            ("reason", webhook["reason"]),
            ("types", _words(webhook["types"])),
            ("sessions", _words(webhook["sessions"])),
            ("headers", ", ".join(webhook["headerNames"]) or None),
            ("given up after", f"{webhook['giveUpAfter']} s"),
            ("failing since", webhook["failingSince"]),
            ("old secret until", webhook["oldSecretUntil"]),
            ("created", webhook["createdAt"]),
        ]
    )


def print_deliveries(deliveries: list[Any]) -> None:
    """Prints a table of the API's documents."""
    print_table(DELIVERY_HEAD, [_delivery(one) for one in deliveries])


def _row(webhook: Any) -> tuple[str | None, ...]:
    return (
        webhook["id"],
        webhook["status"],
        webhook["url"],
        _words(webhook["types"]),
        _words(webhook["sessions"]),
        webhook["reason"],
    )


def _delivery(one: Any) -> tuple[str | None, ...]:
    return (
        left(one["at"]) if one["state"] == "waiting" else ago(one["at"]),
        one["state"],
        one["type"],
        one["sessionId"],
        str(one["attempt"]),
        None if one["status"] is None else str(one["status"]),
        one["error"],
        one["eventId"],
    )


def _words(words: list[str] | None) -> str:
    return ALL if words is None else " ".join(words)
