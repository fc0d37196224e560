"""The option `--since` of commands that read the event log."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from server.events.retention import HELD_SECONDS, KEPT_SECONDS

#: The log has nothing that is older.
MOST_SECONDS = round(KEPT_SECONDS + HELD_SECONDS)


class Since(click.ParamType):
    """A number of seconds before now, or a moment."""

    name = "since"

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._now = now

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """Returns the moment, in UTC. Raises click.BadParameter.

        A moment without a time zone is in that of this terminal.
        """
        try:
            if value.isascii() and value.isdigit():
                return self._before(int(value))
            return datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            self.fail(
                f"must be a whole number of seconds, 1 to {MOST_SECONDS}, such as 3600, "
                "or a moment, such as 2026-05-25T12:00:00Z",
                param,
                ctx,
            )

    def _before(self, seconds: int) -> datetime:
        """Raises ValueError if the log has nothing that is as old."""
        if not 1 <= seconds <= MOST_SECONDS:
            raise ValueError
        return self._now() - timedelta(seconds=seconds)
