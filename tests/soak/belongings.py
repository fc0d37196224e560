"""What the sessions that are there hold once nobody asks for anything: their own pipes, and no lease."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing

from server.core.clock import SystemClock
from server.core.paths import StateFolder
from tests.soak.tally import Tally
from tests.support.eventually import eventually
from tests.support.motte import Motte

#: Seconds until it is so: a lease whose holder was killed runs out by itself.
QUIET_WITHIN = 45.0


async def check_belongings(motte: Motte, tally: Tally) -> None:
    """Tell what differs. Looked at before sessions are deleted: a delete puts both in order."""
    listed = (await motte.ask("GET", "/sessions", params={"limit": "200"})).body["items"]
    session_ids = [session["id"] for session in listed]
    odd: list[str] = []

    async def is_right() -> bool:
        nonlocal odd
        odd = odd_belongings(motte.folder, session_ids, now=SystemClock().boot())
        return not odd

    try:
        await eventually(is_right, within=QUIET_WITHIN)
    except TimeoutError:
        for thing in odd:
            tally.find("belongings", thing)
    tally.count("belongings", "sessions", len(session_ids))


def odd_belongings(folder: StateFolder, session_ids: Iterable[str], *, now: float) -> list[str]:
    """Pipes that are missing or nobody's, and leases that are held. now: boot clock."""
    places = [folder.session(session_id) for session_id in session_ids]
    wanted = {pipe for place in places for pipe in (place.commands, place.events)}
    found = {path for path in folder.sessions.rglob("*") if path.is_fifo()}
    with closing(sqlite3.connect(f"file:{folder.database}?mode=ro", uri=True)) as database:
        held = database.execute("SELECT session_id FROM leases WHERE expires_at > ?", (now,)).fetchall()
    return [
        *(f"no pipe {path.relative_to(folder.sessions)}" for path in sorted(wanted - found)),
        *(f"a pipe of nobody: {path.relative_to(folder.sessions)}" for path in sorted(found - wanted)),
        *(f"a lease of {session_id}" for (session_id,) in held),
    ]
