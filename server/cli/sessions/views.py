"""Sessions as commands print them, without the code, which is a secret while it is valid."""

from collections.abc import Callable, Mapping
from typing import Any

from server.cli.common.moments import ago, left
from server.cli.common.output import print_json, print_pairs, print_table

#: Head of the columns of `_row`.
HEAD = ("ID", "STATUS", "PHONE", "NAME", "CHANGED", "REASON")
#: Head of the columns that follow if the processes are known.
PROCESS_HEAD = ("RESTARTS", "MEMORY")


def print_sessions(sessions: list[Any], connectors: Mapping[str, Any] | None) -> None:
    """Prints a table. connectors: the API's documents by session id; None if they are not known."""
    if connectors is None:
        print_table(HEAD, [_row(session) for session in sessions])
    else:
        rows = [_row(session) + _process(connectors.get(session["id"])) for session in sessions]
        print_table(HEAD + PROCESS_HEAD, rows)


def _row(session: Any) -> tuple[str | None, ...]:
    return (
        session["id"],
        session["status"],
        session["phoneNumber"],
        session["name"],
        ago(session["updatedAt"]),
        (session["statusReason"] or {}).get("code"),
    )


def _process(connector: Any) -> tuple[str | None, ...]:
    """connector: None for a session that was created after the connectors were read."""
    return (str(connector["restarts"]), _mebibytes(connector["memory"])) if connector else (None, None)


def _mebibytes(memory: int | None) -> str | None:
    return None if memory is None else f"{memory / 2**20:.0f} MiB"


def print_session(session: Any, output: str, connector: Any = None) -> None:
    """Prints one session. output: `table` or `json`. connector: its process, if that is known."""
    if output == "json":
        return print_json(session)
    reason = session["statusReason"]
    print_pairs(
        [
            ("id", session["id"]),
            ("name", session["name"]),
            ("device name", session.get("deviceName")),
            ("proxy", session.get("proxy")),
            ("status", session["status"]),
            ("reason", reason and f"{reason['code']}: {reason['detail']}"),
            ("phone", session["phoneNumber"]),
            ("push name", session["pushName"]),
            ("code until", _with(session["qrExpiresAt"], left)),
            ("created", _with(session["createdAt"], ago)),
            ("changed", _with(session["updatedAt"], ago)),
            ("connected", _with(session["connectedAt"], ago)),
            *(_process_pairs(connector) if connector else ()),
        ]
    )
    return None


def _with(moment: str | None, relative: Callable[[str | None], str | None]) -> str | None:
    """Returns the moment, followed by how long ago it was or when it comes."""
    return None if moment is None else f"{moment} ({relative(moment)})"


def _process_pairs(connector: Any) -> list[tuple[str, str | None]]:
    return [
        ("process", connector["state"]),
        ("restarts", str(connector["restarts"])),
        ("recycled", str(connector["recycled"])),
        ("memory", _mebibytes(connector["memory"])),
    ]
