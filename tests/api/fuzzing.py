"""A front that is sent anything: what every fuzz test of it stands on."""

import asyncio
import logging
import os
import re
import sqlite3
from collections.abc import Coroutine, Generator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from hypothesis import HealthCheck, settings

from server.core.settings.model import Settings
from store.sqlite.store import SqliteStore
from tests.api.conftest import Front, opened
from tests.support.descriptors import open_below
from tests.support.time import TurnedTime

Result = TypeVar("Result")

#: What every run of the tests sends, always the same; `make slow` sends more, at random.
FEW = 8
EXAMPLES = int(os.environ.get("EXAMPLES", FEW))

#: Real seconds in which the front settles what needs no turn of the clock, however busy the machine is.
SETTLED = 0.5
#: Real seconds between two turns, once it was given that.
BETWEEN = 0.1
#: Seconds of a turn.
TURN = 5

#: Seconds within which everything is answered: a create that waits behind a wait of a minute.
LONGEST = 100.0

#: Stands wherever a secret may: no log repeats it. With capitals: a log may repeat the name of an event.
CANARY = "motte_CANARY"

BUGS = re.compile(r"event=(bug|not_understood|background_failed)|Traceback|never retrieved|never awaited")

profile = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=EXAMPLES == FEW,
)


class Sent(bytes):
    """What an example sends; the beginning says enough of it."""

    def __repr__(self) -> str:
        return f"{len(self)} bytes: {bytes(self[:2000])!r}"


class Target:
    """A front on an event loop of its own, that lives as long as a test sends it examples."""

    def __init__(self, state: Path) -> None:
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self._log = _Log()
        logging.getLogger().addHandler(self._log)
        self.front = self.run(self._open(state))

    async def _open(self, state: Path) -> Front:
        time = TurnedTime(asyncio.get_running_loop())
        return await self._stack.enter_async_context(opened(Settings(state=state), time))

    def close(self) -> None:
        self._runner.run(self._stack.aclose())
        self._runner.close()
        logging.getLogger().removeHandler(self._log)

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return self._runner.run(work)

    async def turned(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Turn the clock while the work does not come to its end."""
        task = asyncio.ensure_future(work)
        await asyncio.wait({task}, timeout=SETTLED)
        waited = 0
        while not task.done():
            assert waited < LONGEST, "it hangs"
            self.front.time.advance(TURN)
            waited += TURN
            await asyncio.wait({task}, timeout=BETWEEN)
        return task.result()

    def check_log(self) -> None:
        """No bug was logged, and no secret. What was logged is forgotten."""
        text = "\n".join(self._log.lines)
        self._log.lines.clear()
        assert not BUGS.search(text), text
        assert CANARY not in text, text

    async def settle(self) -> None:
        """Delete every session and webhook, and check that nothing of any stays."""
        for item in (await (await self.front.get("/webhooks?limit=200")).json())["items"]:
            assert (await self.front.client.delete(f"/webhooks/{item['id']}")).status == 204
        for item in (await (await self.front.get("/sessions?limit=200")).json())["items"]:
            response = await self.turned(self.front.client.delete(f"/sessions/{item['id']}"))
            assert response.status == 204, await response.text()
        store = self.front.whole.store
        assert isinstance(store, SqliteStore)
        assert await store.database.read(_rows) == 0
        folder = self.front.folder
        assert await store.sessions.all() == []
        assert not folder.sessions.exists() or list(folder.sessions.iterdir()) == []
        assert open_below(folder.sessions) == []
        assert self.front.supervisor.connectors == {}
        assert self.front.owner.single_flight.count() == 0
        assert self.front.owner.subscriptions.session_ids() == []


#: Tables whose rows outlive the sessions.
OUTLIVE = {"keys", "lease_tokens", "sqlite_sequence", "event_log", "events", "event_totals"}


@contextmanager
def target() -> Generator[Target]:
    """A target in a state folder that goes with it."""
    with TemporaryDirectory(prefix="motte-") as folder:
        target = Target(Path(folder))
        try:
            yield target
        finally:
            target.close()


def _rows(connection: sqlite3.Connection) -> int:
    """Rows of all tables but those whose rows outlive the sessions."""
    tables = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    names = {table["name"] for table in tables} - OUTLIVE
    return sum(connection.execute(f"SELECT COUNT(*) AS n FROM {name}").fetchone()["n"] for name in names)  # noqa: S608


class _Log(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))
