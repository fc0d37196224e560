"""What a Motte must not hold on to once every session is deleted."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from server.core.paths import StateFolder
from tests.chaos.processes import running
from tests.soak.tally import Tally
from tests.support.eventually import eventually
from tests.support.motte import Motte

#: Seconds until nothing is left of sessions that were deleted. Idle connections are kept for half a minute.
CLEAN_WITHIN = 45.0

#: Descriptors that may be open at the end and were not at the start: a connection that is kept alive, say.
ALLOWANCE = 4

#: What no log of the front may say.
BUGS = re.compile(r"Traceback|event=bug|never retrieved|never awaited|Task was destroyed|not_stored")

#: What supervisord says of a process that ended by itself, and should not have.
ODD_ENDS = re.compile(
    r"exited: front \((?!terminated by SIGKILL).*|session=.* state=(?:BACKOFF|FATAL) exit=.*"
)

#: Why a connector may crash by itself: never.
CRASHES = re.compile(r"event=crashed.*")


class Process(NamedTuple):
    """The front, as the kernel shows it."""

    pid: int
    descriptors: int
    #: MiB in memory.
    memory: float

    @classmethod
    def now(cls, pid: int) -> "Process":
        folder = Path("/proc", str(pid))
        status = (folder / "status").read_text()
        return cls(
            pid, len(list((folder / "fd").iterdir())), int(status.split("VmRSS:")[1].split()[0]) / 1024
        )


async def find_leftovers(motte: Motte, tally: Tally, before: Process, *, permanent: set[int]) -> None:
    """Tell each thing that stays and should not be there.

    before: the front at the start. permanent: processes that stay.
    """
    left: list[str] = []

    async def is_clean() -> bool:
        nonlocal left
        left = await _leftovers(motte, before, permanent)
        return not left

    try:
        await eventually(is_clean, within=CLEAN_WITHIN)
    except TimeoutError:
        for thing in left:
            tally.find("left behind", thing)


async def _leftovers(motte: Motte, before: Process, permanent: set[int]) -> list[str]:
    folder = motte.folder
    return [
        *(f"connector {session_id}" for session_id in await motte.programs()),
        *(f"process {one.pid}" for one in running(folder) if one.pid not in permanent and not one.is_spare),
        *(f"in the folder of sessions: {left.name}" for left in folder.sessions.iterdir()),
        *(f"row of {table}: {number}" for table, number in _rows(folder).items() if number),
        *_descriptors(before),
    ]


def bugs(folder: StateFolder) -> list[str]:
    """The lines of the logs about unexpected errors."""
    front = [
        line
        for file in folder.logs.glob("front.log*")
        for line in file.read_text().splitlines()
        if BUGS.search(line)
    ]
    crashes = [
        f"{file.name}: {crash}"
        for file in folder.logs.glob("connector-*.log*")
        for crash in CRASHES.findall(file.read_text())
    ]
    ends = [
        end
        for file in folder.logs.glob("supervisord.log*")
        for end in ODD_ENDS.findall(file.read_text(errors="replace"))
    ]
    return [*front, *crashes, *ends]


def _rows(folder: StateFolder) -> dict[str, int]:
    """Rows that live as long as what they stand for."""
    with closing(sqlite3.connect(f"file:{folder.database}?mode=ro", uri=True)) as connection:
        return {
            table: connection.execute(f"SELECT COUNT(*) FROM {table}").fetchone()[0]  # noqa: S608  # our own names
            for table in ("sessions", "qrs", "queued_requests")
        }


def _descriptors(before: Process) -> list[str]:
    more = Process.now(before.pid).descriptors - before.descriptors
    if more <= ALLOWANCE:
        return []
    open_now = [str(link.readlink()) for link in Path("/proc", str(before.pid), "fd").iterdir()]
    return [f"{more} descriptors more than at the start: {sorted(open_now)}"]
