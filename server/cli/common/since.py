"""The option `--since` of commands about the event log."""

from datetime import UTC, datetime, timedelta

import click

from server.events.retention import HELD_SECONDS, KEPT_SECONDS

#: The log has nothing that is older.
MAX_SECONDS = round(KEPT_SECONDS + HELD_SECONDS)

RULE = (
    f"must be a whole number of seconds, 1 to {MAX_SECONDS}, such as 3600, "
    "or a moment, such as 2026-05-25T12:00:00Z"
)


def checked_since(_: click.Context, __: click.Parameter, text: str | None) -> datetime | None:
    """Returns the moment that the option names. Raises click.BadParameter."""
    try:
        return None if text is None else moment(text, datetime.now(UTC))
    except (ValueError, OverflowError):
        raise click.BadParameter(RULE) from None


def moment(text: str, now: datetime) -> datetime:
    """Returns the moment so many seconds before now, or the moment itself, in UTC.

    A moment without a time zone is in that of this host. Raises ValueError, OverflowError.
    """
    if not (text.isascii() and text.isdigit()):
        return datetime.fromisoformat(text).astimezone(UTC)
    seconds = int(text)
    if not 1 <= seconds <= MAX_SECONDS:
        raise ValueError(RULE)
    return now - timedelta(seconds=seconds)
