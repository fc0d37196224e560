"""The folder `trash/`: folders of discarded sessions, kept for some days so that they can be put back."""

import asyncio
import logging
import re
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

from server.core.clock import Clock
from server.core.log_events import log_event
from server.core.paths import SESSION_ID, StateFolder

log = logging.getLogger(__name__)

#: Time that a folder is kept.
KEPT_DAYS = 7

#: Interval between two sweeps.
SWEEP_SECONDS = 3_600.0

_STAMP = "%Y%m%dT%H%M%SZ"
#: `shop.20261129T224231Z`, with `.2` at the end if that name is taken. Ids have no dots.
NAME = re.compile(rf"(?P<id>{SESSION_ID.pattern})\.(?P<stamp>[0-9]{{8}}T[0-9]{{6}}Z)(\.[0-9]+)?")


class Trash:
    """Keeps discarded folders and removes them later. Only a person puts a folder back."""

    def __init__(self, folder: StateFolder, clock: Clock) -> None:
        self._folder = folder
        self._clock = clock

    def keep(self, session_id: str, path: Path) -> Path:
        """Moves the folder of a session here and returns its new path. Raises OSError."""
        self._folder.trash.mkdir(mode=0o700, exist_ok=True)
        stamp = datetime.fromtimestamp(self._clock.wall() / 1000, UTC).strftime(_STAMP)
        names = (f"{session_id}.{stamp}" + f".{number}" * (number > 1) for number in count(1))
        target = next(place for name in names if not (place := self._folder.trash / name).exists())
        path.rename(target)
        target.chmod(0o700)
        return target

    def age(self, path: Path, now: int) -> float | None:
        """Returns the seconds since a folder was moved here. None if Motte did not move it.

        now: milliseconds since 1970.
        """
        match = NAME.fullmatch(path.name)
        if match is None or path.is_symlink() or not path.is_dir():
            return None
        try:
            moved_at = datetime.strptime(match["stamp"], _STAMP).replace(tzinfo=UTC)
        except ValueError:
            return None
        return now / 1000 - moved_at.timestamp()

    def overdue(self, now: int) -> list[Path]:
        """Returns the folders that were kept for KEPT_DAYS. now: milliseconds since 1970."""
        kept = KEPT_DAYS * 86_400
        return [path for path in sorted(self._folder.trash.glob("*")) if (self.age(path, now) or 0.0) >= kept]

    async def run(self, now: Callable[[], int | None]) -> None:
        """Removes overdue folders regularly, until it is cancelled.

        now: milliseconds since 1970 that have passed for certain (CheckedClock).
        """
        while True:
            await self.empty(now())
            await asyncio.sleep(SWEEP_SECONDS)

    async def empty(self, now: int | None) -> None:
        """Removes folders that are overdue. now: as for `run`; None: nothing is."""
        if now is None:
            return
        for path in await asyncio.to_thread(self.overdue, now):
            await self._remove(path)

    async def _remove(self, path: Path) -> None:
        try:
            await asyncio.to_thread(shutil.rmtree, path)
        except OSError as error:
            log_event(log.error, "trash_not_removed", folder=path.name, error=error)
        else:
            log_event(log.info, "trash_removed", folder=path.name)
