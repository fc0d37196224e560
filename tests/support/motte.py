"""A caller of one running Motte."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager, closing
from typing import Any, NamedTuple

import aiohttp

from server.connectors.supervisor_client import Program, SupervisorClient
from server.core.paths import StateFolder
from tests.support.eventually import PATIENCE, eventually
from tests.support.phones import ANN, Phones
from tests.support.serve import API_KEY, Serve
from tests.support.time import patience

#: Seconds that one read waits for something newer.
WAIT = 5


class Answer(NamedTuple):
    """What the API said."""

    status: int
    headers: Mapping[str, str]
    #: Its JSON; empty if the body is empty.
    body: dict[str, Any]

    def session(self, status: int = 200) -> dict[str, Any]:
        """The session that it carries."""
        assert self.status == status, self.body
        return self.body

    def problem(self, status: int, code: str) -> dict[str, Any]:
        """The problem document that it is."""
        assert (self.status, self.body.get("code")) == (status, code), self.body
        assert self.headers["Content-Type"] == "application/problem+json"
        assert self.body["type"] == f"/problems/{code}"
        return self.body


class Motte:
    """What a test holds in its hands."""

    def __init__(self, serve: Serve, phones: Phones, http: aiohttp.ClientSession) -> None:
        self.serve = serve
        self.phones = phones
        self._http = http

    @classmethod
    @asynccontextmanager
    async def opened(cls, serve: Serve, phones: Phones) -> AsyncGenerator["Motte"]:
        """A caller with an admin's key, of a Motte that is ready; it is started where it does not run."""
        limitless = aiohttp.TCPConnector(limit=0)
        headers = {"Authorization": f"Bearer {API_KEY}"}
        async with aiohttp.ClientSession(connector=limitless, headers=headers) as http:
            motte = cls(serve, phones, http)
            await motte.ready()
            yield motte

    @property
    def folder(self) -> StateFolder:
        return self.serve.folder

    async def ready(self) -> None:
        """Return once it can work."""
        if not self.serve.is_running:
            self.serve.start()
        await eventually(self._is_ready)

    async def ask(self, method: str, path: str, **options: Any) -> Answer:
        """Any request. Raises aiohttp.ClientError where the front is not there."""
        async with self._http.request(method, f"{self.serve.url()}{path}", **options) as answer:
            is_json = answer.content_type.endswith("json")
            return Answer(answer.status, answer.headers, await answer.json() if is_json else {})

    @asynccontextmanager
    async def stream(
        self, path: str, *, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator[aiohttp.StreamReader]:
        """The lines of a stream. Raises aiohttp.ClientError if the front is not there, or goes."""
        async with self._http.get(f"{self.serve.url()}{path}", headers=headers) as response:
            response.raise_for_status()
            yield response.content

    async def raw(self, method: str, path: str, **options: Any) -> tuple[int, bytes]:
        """The same, with the bytes of the response."""
        async with self._http.request(method, f"{self.serve.url()}{path}", **options) as answer:
            return answer.status, await answer.read()

    async def get(self, session_id: str = "shop", **options: Any) -> Answer:
        """A read, which waits for a code if none is live."""
        return await self.ask("GET", f"/sessions/{session_id}", **options)

    async def post(self, session_id: str = "shop", **options: Any) -> Answer:
        """A create."""
        return await self.ask("POST", "/sessions", json={"id": session_id}, **options)

    async def create(self, session_id: str = "shop") -> dict[str, Any]:
        """A session that waits for its first scan."""
        return (await self.post(session_id)).session(201)

    async def connect(self, session_id: str = "shop", phone: str = ANN) -> dict[str, Any]:
        """A session that a phone has scanned."""
        await self.phones.scan((await self.create(session_id))["qrCode"], phone)
        return await self.until("connected", session_id)

    async def read(self, session_id: str = "shop") -> dict[str, Any]:
        return (await self.get(session_id)).session()

    async def look(self, session_id: str = "shop") -> dict[str, Any]:
        """The session as it stands; wakes nobody."""
        return (await self.get(session_id, params={"refresh": "false"})).session()

    async def tell(self, session_id: str, verb: str, **body: Any) -> dict[str, Any]:
        """What the session says once it was asked to start, stop, restart or log out."""
        return (await self.ask("POST", f"/sessions/{session_id}/{verb}", json=body or None)).session()

    async def delete(self, session_id: str = "shop") -> None:
        answer = await self.ask("DELETE", f"/sessions/{session_id}")
        assert answer.status == 204, answer.body

    async def until(self, status: str, session_id: str = "shop") -> dict[str, Any]:
        """The session once it has this status."""
        return (await self.history(status, session_id))[-1]

    async def history(self, last: str, session_id: str = "shop") -> list[dict[str, Any]]:
        """What a caller sees who waits for news until the session has this status."""
        answer = await self.get(session_id, params={"refresh": "false"})
        seen = [answer.session()]
        async with patience(lambda: f"the status {last}; the session is {seen[-1]}", within=PATIENCE):
            while seen[-1]["status"] != last:
                headers = {"If-None-Match": answer.headers["ETag"], "Prefer": f"wait={WAIT}"}
                newer = await self.get(session_id, headers=headers)
                if newer.status == 200:
                    answer = newer
                    seen.append(newer.body)
                elif newer.status != 304:  # why there is no code; the session says so too
                    seen.append(await self.look(session_id))
        return seen

    async def without_a_code(self, session_id: str = "shop") -> None:
        """Return once a read would have to wait for a code."""
        await eventually(lambda: self._has_no_code(session_id))

    async def waiting(self, session_id: str = "shop") -> asyncio.Task[Answer]:
        """A read that waits in the front. Requests are taken in the order in which they come."""
        read = asyncio.create_task(self.get(session_id))
        await eventually(lambda: self._is_refreshing(session_id))
        for _ in range(3):
            await self.look(session_id)
        assert not read.done()
        return read

    async def programs(self) -> dict[str, Program]:
        """The connectors that supervisord has, by session id."""
        supervisor = SupervisorClient(self.folder.supervisor_socket)
        try:
            return {program.id: program for program in await supervisor.list()}
        finally:
            await supervisor.close()

    async def pid(self, session_id: str = "shop", *, other_than: int | None = None) -> int:
        """The process of a session's connector, once there is one. other_than: one that is past."""

        async def look() -> int | None:
            program = (await self.programs()).get(session_id)
            return program.pid if program and program.pid != other_than else None

        return await eventually(look)

    async def connector(self, session_id: str = "shop") -> dict[str, Any]:
        """What the API says of a session's process."""
        answer = await self.ask("GET", f"/sessions/{session_id}/connector")
        assert answer.status == 200, answer.body
        return answer.body

    async def kill(self, session_id: str = "shop") -> int:
        """Kill -9 a session's connector; returns which process that was."""
        pid = await self.pid(session_id)
        os.kill(pid, 9)
        return pid

    async def messages(self, session_id: str = "shop", *, after: str = "") -> list[dict[str, Any]]:
        """Every message that is kept, or those behind a cursor, page by page."""
        found: list[dict[str, Any]] = []
        params = {"after": after} if after else {}
        while True:
            page = (await self.ask("GET", f"/sessions/{session_id}/messages", params=params)).session()
            if not page["items"]:
                return found
            found += page["items"]
            params = {"after": page["nextCursor"]}

    async def cursor(self, session_id: str = "shop") -> str:
        """The cursor behind the newest messages; there are 200 at most."""
        params = {"limit": "200"}
        page = (await self.ask("GET", f"/sessions/{session_id}/messages", params=params)).session()
        return str(page["nextCursor"])

    async def asleep(self, session_id: str = "shop") -> None:
        """Return once the session has no connector."""
        await eventually(lambda: self._is_asleep(session_id))

    async def clear(self) -> None:
        """Delete every session."""
        listed = (await self.ask("GET", "/sessions", params={"limit": "200"})).body["items"]
        await asyncio.gather(*(self.ask("DELETE", f"/sessions/{session['id']}") for session in listed))

    async def _is_ready(self) -> bool:
        assert self.serve.is_running, self.serve.logs()
        try:
            return self.serve.url() is not None and (await self.ask("GET", "/readyz")).status == 200
        except aiohttp.ClientError:
            return False

    async def _is_refreshing(self, session_id: str) -> bool:
        """Whether the front holds the session's lease."""
        with closing(sqlite3.connect(f"{self.folder.database.as_uri()}?mode=ro", uri=True)) as database:
            held = "SELECT 1 FROM leases WHERE session_id = ? AND expires_at > 0"
            return database.execute(held, (session_id,)).fetchone() is not None

    async def _has_no_code(self, session_id: str) -> bool:
        return (await self.look(session_id))["qrCode"] is None

    async def _is_asleep(self, session_id: str) -> bool:
        return session_id not in await self.programs()
