"""How a session is shown to a person: never with its code, which is a secret while it lives."""

from typing import Any

from server.cli.output import say_json, say_pairs

#: Over the columns of `row`.
HEAD = ("ID", "STATUS", "PHONE", "NAME", "CHANGED", "REASON")


def row(session: Any) -> tuple[str | None, ...]:
    """One line of a list. session: as the API gives it."""
    return (
        session["id"],
        session["status"],
        session["phoneNumber"],
        session["name"],
        session["updatedAt"],
        (session["statusReason"] or {}).get("code"),
    )


def say_session(session: Any, output: str) -> None:
    """Print one session. output: `table` or `json`."""
    if output == "json":
        return say_json(session)
    reason = session["statusReason"]
    say_pairs(
        [
            ("id", session["id"]),
            ("name", session["name"]),
            ("status", session["status"]),
            ("reason", reason and f"{reason['code']}: {reason['detail']}"),
            ("phone", session["phoneNumber"]),
            ("push name", session["pushName"]),
            ("code until", session["qrExpiresAt"]),
            ("created", session["createdAt"]),
            ("changed", session["updatedAt"]),
            ("connected", session["connectedAt"]),
        ]
    )
    return None
