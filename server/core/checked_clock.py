"""Wall time that may decide: a step of the wall clock counts only after it stood against the boot clock."""

import asyncio
import logging
from pathlib import Path
from typing import Annotated

import msgspec

from server.core.clock import Clock
from server.core.log_events import log_event
from store.files import read_regular, replace_file

log = logging.getLogger(__name__)

#: Interval between two looks at the wall clock.
LOOK_SECONDS = 60.0

#: A wall clock that is off by less than that was not stepped: it is followed at once.
TOLERANCE_MS = 60_000

#: A step is believed after the wall clock has agreed with it for so long.
STAND_SECONDS = 3_600.0

#: Interval between two writes of the file while nothing is stepped.
SAVE_SECONDS = 600.0


class Moment(msgspec.Struct, frozen=True, rename="camel"):
    """One moment on both clocks."""

    #: Milliseconds since 1970; before the year 3000.
    wall: Annotated[int, msgspec.Meta(ge=0, lt=32_503_680_000_000)]
    #: Boot clock, seconds; less than a century.
    boot: Annotated[float, msgspec.Meta(ge=0, lt=3_155_760_000)]
    boot_id: str

    def continued(self, clock: Clock) -> int:
        """Returns the wall time that has passed at least: that of the moment, and the boot clock since.

        After a reboot only the time since the boot is known to have passed.
        """
        since = clock.boot() - self.boot if self.boot_id == clock.boot_id else clock.boot()
        return self.wall + round(since * 1000)


class Record(msgspec.Struct, frozen=True):
    """The whole file."""

    #: The last moment at which the wall clock was believed.
    believed: Moment | None = None
    #: When the wall clock was first seen at the other time that it shows since.
    candidate: Moment | None = None


class CheckedClock:
    """Clock whose `certain` decides what is old enough to be removed.

    The leader looks at the wall clock every minute, and keeps what it believes in a file: neither a restart
    nor a command on this host begins without it.
    """

    def __init__(self, clock: Clock, file: Path) -> None:
        self._clock = clock
        self._file = file
        self._record = Record()
        #: Boot clock, seconds. None: not written yet.
        self._saved_at: float | None = None

    @property
    def boot_id(self) -> str:
        return self._clock.boot_id

    def boot(self) -> float:
        return self._clock.boot()

    def wall(self) -> int:
        """Milliseconds since 1970 for stamps: never before `certain`.

        A stamp of a clock that is behind would be too old once the clock is right.
        """
        return max(self._clock.wall(), self.certain() or 0)

    def certain(self) -> int | None:
        """Returns the milliseconds since 1970 that have passed for certain; None until that is known."""
        believed = self._record.believed
        return None if believed is None else believed.continued(self._clock)

    def load(self) -> None:
        """Reads what the last leader believed. A file that cannot be used counts as none."""
        try:
            self._record = msgspec.json.decode(read_regular(self._file), type=Record)
        except FileNotFoundError:
            return
        except (OSError, msgspec.DecodeError, UnicodeDecodeError) as error:
            log_event(log.warning, "clock_not_read", error=error)

    async def run(self) -> None:
        """Looks at the wall clock regularly, until it is cancelled."""
        while True:
            await self.look()
            await asyncio.sleep(LOOK_SECONDS)

    async def look(self) -> None:
        """Compares the wall clock with the boot clock, and believes what stood for long enough."""
        before = self._record
        self._record = self._next(before)
        is_changed = before.candidate != self._record.candidate
        if is_changed or self._saved_at is None or self.boot() - self._saved_at >= SAVE_SECONDS:
            self._saved_at = self.boot()
            await asyncio.to_thread(self._save, self._record)

    def _next(self, record: Record) -> Record:
        now = Moment(self._clock.wall(), self.boot(), self.boot_id)
        believed, candidate = record.believed, record.candidate
        if believed is not None and self._is_at(believed, now.wall):
            return Record(believed=now)
        if candidate is None or candidate.boot_id != self.boot_id or not self._is_at(candidate, now.wall):
            self._note_step(believed, now)
            return Record(believed=believed, candidate=now)
        if now.boot - candidate.boot < STAND_SECONDS:
            return record
        log_event(log.info, "clock_believed", wall=now.wall)
        return Record(believed=now)

    def _is_at(self, moment: Moment, wall: int) -> bool:
        return abs(wall - moment.continued(self._clock)) <= TOLERANCE_MS

    def _note_step(self, believed: Moment | None, now: Moment) -> None:
        if believed is not None and believed.boot_id == now.boot_id:
            seconds = (now.wall - believed.continued(self._clock)) // 1000
            log_event(log.warning, "clock_stepped", seconds=seconds)

    def _save(self, record: Record) -> None:
        try:
            replace_file(self._file, msgspec.json.encode(record) + b"\n")
        except OSError as error:
            log_event(log.warning, "clock_not_written", error=error.strerror)
