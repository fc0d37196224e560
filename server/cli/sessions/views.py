"""How a session is shown to a person: never with its code, which is a secret while it lives."""

from collections.abc import Mapping
from typing import Any

from server.cli.common.output import say_json, say_pairs, say_table

#: Over the columns of `_row`.
HEAD = ("ID", "STATUS", "PHONE", "NAME", "CHANGED", "REASON")
#: Over those that follow where the processes are known.
PROCESS_HEAD = ("RESTARTS", "MEMORY")


def say_sessions(sessions: list[Any], connectors: Mapping[str, Any] | None) -> None:
    """Print a table. connectors: by session id, as the API gives them; None: they are not known."""
    if connectors is None:
        say_table(HEAD, [_row(session) for session in sessions])
    else:
        rows = [_row(session) + _process(connectors.get(session["id"])) for session in sessions]
        say_table(HEAD + PROCESS_HEAD, rows)


def _row(session: Any) -> tuple[str | None, ...]:
    return (
        session["id"],
        session["status"],
        session["phoneNumber"],
        session["name"],
        session["updatedAt"],
        (session["statusReason"] or {}).get("code"),
    )


def _process(connector: Any) -> tuple[str | None, ...]:
    """connector: None for a session that was made since."""
    return (str(connector["restarts"]), _mebibytes(connector["memory"])) if connector else (None, None)


def _mebibytes(memory: int | None) -> str | None:
    return None if memory is None else f"{memory / 2**20:.0f} MiB"


def say_session(session: Any, output: str, connector: Any = None) -> None:
    """Print one session. output: `table` or `json`. connector: its process, where that is known."""
    if output == "json":
        return say_json(session)
    reason = session["statusReason"]
    say_pairs(
        [
            ("id", session["id"]),
            ("name", session["name"]),
            ("device name", session.get("deviceName")),
            ("proxy", session.get("proxy")),
            ("status", session["status"]),
            ("reason", reason and f"{reason['code']}: {reason['detail']}"),
            ("phone", session["phoneNumber"]),
            ("push name", session["pushName"]),
            ("code until", session["qrExpiresAt"]),
            ("created", session["createdAt"]),
            ("changed", session["updatedAt"]),
            ("connected", session["connectedAt"]),
            *(_process_pairs(connector) if connector else ()),
        ]
    )
    return None


def _process_pairs(connector: Any) -> list[tuple[str, str | None]]:
    return [
        ("process", connector["state"]),
        ("restarts", str(connector["restarts"])),
        ("recycled", str(connector["recycled"])),
        ("memory", _mebibytes(connector["memory"])),
    ]
