"""Random lives of a session: no read gives a dead code, hangs past its time-out, or opens a second socket."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from aiohttp import ClientResponse
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from server.connectors.credentials import is_linked
from server.core.settings.model import Settings
from store.records.reason import Reason
from tests.api.conftest import Front, opened
from tests.api.regenerations import Regenerations
from tests.support.time import TurnedTime, until

#: Seconds that a create waits at most; a delete may wait for a goodbye before.
LONGEST = 45
#: Seconds that a read waits at most: its time-out, and the half that the refresh gets to end by itself.
READ = 16
#: Real seconds that an answer gets whose time has come.
GRACE = 3.0
#: Real seconds in which the front settles what needs no turn of the clock.
SETTLED = 0.02

#: Lives that every run of the tests goes through, always the same; `make slow` goes through more, at random.
FEW = 25
EXAMPLES = int(os.environ.get("EXAMPLES", FEW))

EXPECTED = {200, 201, 204, 404, 409, 502, 503, 504}


class Life(RuleBasedStateMachine):
    """One session id, everything that can happen to it, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = TemporaryDirectory(prefix="motte-")
        self.stack = AsyncExitStack()
        self.front = self.runner.run(self._open())
        #: How often linked credentials were discarded on request.
        self.forgotten = 0
        self.regenerations = Regenerations(self.front.owner.single_flight)

    async def _open(self) -> Front:
        time = TurnedTime(asyncio.get_running_loop())
        return await self.stack.enter_async_context(opened(Settings(state=Path(self.folder.name)), time))

    def teardown(self) -> None:
        self.runner.run(self.stack.aclose())
        self.runner.close()
        self.folder.cleanup()

    def run(self, asking: Awaitable[Any], within: int = LONGEST) -> Any:
        """Let the front work, and turn the clock a second at a time while it does not come to an end."""
        return self.runner.run(self._turned(asking, within))

    async def _turned(self, asking: Awaitable[Any], within: int) -> Any:
        task = asyncio.ensure_future(asking)
        for _ in range(within):
            if (await asyncio.wait({task}, timeout=SETTLED))[0]:
                return task.result()
            self.front.time.advance(1)
        assert (await asyncio.wait({task}, timeout=GRACE))[0], "it hangs past its time-out"
        return task.result()

    async def _request(self, method: str, path: str, **options: Any) -> tuple[ClientResponse, dict[str, Any]]:
        response = await self.front.client.request(method, path, **options)
        assert response.status in EXPECTED, await response.text()
        return response, (await response.json() if response.content_length else {})

    def _check_code(self, document: dict[str, Any]) -> None:
        code = document.get("qrCode")
        if code is not None:
            connector = self.front.supervisor.connectors.get("shop")
            assert connector is not None, "a code without a connector"
            assert connector.shows(code), "a dead code"

    @rule()
    def create(self) -> None:
        response, document = self.run(self._request("POST", "/sessions", json={"id": "shop"}))
        if response.status == 201:
            self._check_code(document)

    @rule(count=st.sampled_from([1, 2, 20]))
    def read(self, count: int) -> None:
        reads = (self._request("GET", "/sessions/shop") for _ in range(count))
        before = self.front.whatsapp.registrations
        answers = self.run(_all(*reads), within=READ)
        for response, document in answers:
            if response.status == 200:
                self._check_code(document)
                assert document["status"] != "qr_waiting" or document["qrCode"], "no code and no reason"
        assert len({document.get("qrCode") for _, document in answers}) == 1
        if not self.front.whatsapp.refusal:
            assert self.front.whatsapp.registrations - before <= 1

    @rule(
        seconds=st.sampled_from([0, 58.5, 65, 161]),
        act=st.sampled_from(["_scan", "_drop", "_kill", "_stop", "_delete"]),
    )
    def read_while(self, seconds: float, act: str) -> None:
        """Something happens to the session while a read waits for its code."""
        self.runner.run(self._read_while(seconds, getattr(self, act)))

    async def _read_while(self, seconds: float, act: Callable[[], Awaitable[Any]]) -> None:
        self.front.time.advance(seconds)
        reading = asyncio.create_task(self._request("GET", "/sessions/shop"))
        await until(lambda: reading.done() or self.front.owner.single_flight.is_flying("shop"))
        # Where codes come, one may come before the session is gone.
        waits = not reading.done() and self.front.whatsapp.silent
        acting = asyncio.ensure_future(act())
        response, document = await self._turned(reading, READ)
        assert document.get("status") != "qr_waiting" or document["qrCode"], "no code and no reason"
        assert not waits or act != self._delete or response.status == 404
        await self._turned(acting, LONGEST)

    @rule(verb=st.sampled_from(["start", "stop", "restart"]))
    def ask(self, verb: str) -> None:
        was_linked = is_linked(self.session_folder)
        response, document = self.run(self._request("POST", f"/sessions/shop/{verb}"))
        if response.status == 200:
            self._check_code(document)
        assert is_linked(self.session_folder) or not was_linked, "linked credentials were discarded"
        assert self._trash() == self.forgotten

    @rule()
    def log_out(self) -> None:
        self.run(self._request("POST", "/sessions/shop/logout"))

    @rule()
    def forget(self) -> None:
        self.forgotten += is_linked(self.session_folder)
        response, document = self.run(
            self._request("POST", "/sessions/shop/restart", json={"forget": True}), within=60
        )
        assert response.status != 409
        if response.status == 200:
            assert document["phoneNumber"] is None
            self._check_code(document)
        assert self._trash() == self.forgotten

    @property
    def session_folder(self) -> Path:
        return self.front.folder.session("shop").path

    def _trash(self) -> int:
        """How many folders with linked credentials are kept."""
        return sum(is_linked(path) for path in self.front.folder.trash.glob("*"))

    async def _stop(self) -> None:
        await self._request("POST", "/sessions/shop/stop")

    @rule()
    def delete(self) -> None:
        self.run(self._delete())
        assert self.run(self._request("GET", "/sessions/shop"))[0].status == 404

    async def _delete(self) -> None:
        await self._request("DELETE", "/sessions/shop")

    @rule(seconds=st.sampled_from([1, 19, 21, 59, 61, 161, 3600]))
    def expire(self, seconds: int) -> None:
        self.front.time.advance(seconds)
        self.run(asyncio.sleep(0))

    @rule(seconds=st.sampled_from([-3600, 3600]))
    def step_the_wall_clock(self, seconds: int) -> None:
        self.front.time.clock.step_wall(seconds)

    @rule()
    def scan(self) -> None:
        self.run(self._scan())

    async def _scan(self) -> None:
        connector = self.front.supervisor.connectors.get("shop")
        if connector is not None and connector.is_showing:
            connector.scan()
            connector.restart()

    @rule()
    def drop(self) -> None:
        self.run(self._drop())

    async def _drop(self, code: str = "connection-lost") -> None:
        connector = self.front.supervisor.connectors.get("shop")
        if connector is not None and connector.has_socket:
            connector.drop(code)

    @rule()
    def kill(self) -> None:
        self.run(self._kill())

    @rule()
    def replace_the_connection(self) -> None:
        """Another process takes the link over: a person is needed."""
        self.run(self._drop("connection-replaced"))

    async def _kill(self) -> None:
        if "shop" in self.front.supervisor.connectors:
            self.front.supervisor.crash("shop")

    @rule(reason=st.sampled_from([None, None, "account-banned", "whatsapp-unreachable"]))
    def let_logins_be(self, reason: str | None) -> None:
        self.front.whatsapp.login_refusal = (reason and Reason(reason, "")) or None

    @rule(
        silent=st.booleans(), reason=st.sampled_from([None, None, "whatsapp-unreachable", "version-rejected"])
    )
    def let_whatsapp_be(self, silent: bool, reason: str | None) -> None:
        self.front.whatsapp.silent = silent
        self.front.whatsapp.refusal = (reason and Reason(reason, "")) or None

    @invariant()
    def never_two_sockets(self) -> None:
        assert self.front.whatsapp.most_at_once <= 1, "two sockets at once"

    @invariant()
    def never_two_regenerations(self) -> None:
        assert self.regenerations.most_at_once <= 1, "two regenerations overlapped"

    @invariant()
    def no_refresh_outlives_its_readers(self) -> None:
        self.run(until(lambda: self.front.owner.single_flight.count() == 0))


async def _all(*work: Awaitable[Any]) -> list[Any]:
    return await asyncio.gather(*work)


Life.TestCase.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    derandomize=EXAMPLES == FEW,
)
TestLife = pytest.mark.filterwarnings("ignore::ResourceWarning")(Life.TestCase)
