"""Client of supervisord: XML-RPC on its unix socket."""

import asyncio
import json
import xmlrpc.client
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, Self

import aiohttp

from server.core.errors import SupervisorUnavailable

#: Seconds for a call. supervisord answers in milliseconds, and has one thread.
CALL_TIMEOUT_SECONDS = 5.0
#: Seconds for a stop: a process that does not end is killed after some seconds.
STOP_TIMEOUT_SECONDS = 15.0

#: The fault with which supervisord answers while it shuts down.
SHUTTING_DOWN = 6


class Program(NamedTuple):
    """A connector's process, as supervisord knows it."""

    #: The session's id.
    id: str
    #: STARTING, RUNNING, BACKOFF, STOPPING, STOPPED, EXITED or FATAL.
    state: str
    #: None without a process.
    pid: int | None
    #: How the last process ended: its exit code, or the negative number of a signal.
    exit: int | None
    #: How often it has crashed in a row.
    tries: int
    #: Seconds until it is started again.
    retry_in: float | None
    #: How often it was started again after a crash or a kill, since supervisord runs.
    restarts: int = 0
    #: How often it was started again because its memory had grown.
    recycled: int = 0
    #: Seconds since its present process was started.
    uptime: float | None = None
    #: Bytes that its present process has resident.
    memory: int | None = None

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Self:
        """said: the description by the plugin. XML-RPC has no null: absent values are left out."""
        return cls(
            id=said["id"],
            state=said["state"],
            pid=said["pid"] or None,
            exit=said.get("exit"),
            tries=said["tries"],
            retry_in=said.get("retryIn"),
            restarts=said["restarts"],
            recycled=said["recycled"],
            uptime=said.get("uptime"),
            memory=int(said["memory"]) if said.get("memory") else None,
        )


class RestartCounts(NamedTuple):
    """How often a connector was started again without a request, since supervisord runs."""

    #: After a crash or a kill.
    restarts: int = 0
    #: Because its memory had grown.
    recycled: int = 0


class SupervisorClient:
    """Every call raises SupervisorUnavailable if supervisord does not answer, or shuts down."""

    def __init__(self, socket: Path, *, within: float = CALL_TIMEOUT_SECONDS) -> None:
        """within: seconds for every call except `stop`."""
        self._socket = socket
        self._within = within
        self._http: aiohttp.ClientSession | None = None

    async def start(self, session_id: str) -> Program:
        """Starts a connector, unless it runs or waits for its next try. One that is stopping comes back."""
        return Program.read(await self._call("motte.start", session_id))

    async def stop(self, session_id: str) -> bool:
        """Stops a connector; returns, once it is gone, whether there was one."""
        return bool(await self._call("motte.stop", session_id, within=STOP_TIMEOUT_SECONDS))

    async def spares(self) -> list[Program]:
        """Returns every warm spare. Its id is no session's."""
        return [Program.read(said) for said in json.loads(await self._call("motte.spares"))]

    async def list(self) -> list[Program]:
        """Returns every connector that is not asleep."""
        return [Program.read(said) for said in json.loads(await self._call("motte.list"))]

    async def give_up_spares(self) -> int:
        """Stops the warm spares; returns, once they are gone, how many there were."""
        return int(await self._call("motte.give_up_spares", within=STOP_TIMEOUT_SECONDS))

    async def kill(self, session_id: str) -> bool:
        """Kills a connector that no longer answers. It comes back as after a crash. False if none ran."""
        return bool(await self._call("motte.kill", session_id))

    async def tallies(self) -> dict[str, RestartCounts]:
        """Returns the counts of all connectors, asleep ones too, by session id. A missing id means 0."""
        return {
            session_id: RestartCounts(**said)
            for session_id, said in (await self._call("motte.tallies")).items()
        }

    async def total(self) -> RestartCounts:
        """Returns the counts of all connectors together, those of deleted sessions too."""
        return RestartCounts(**await self._call("motte.total"))

    async def forget(self, session_id: str) -> None:
        """Resets the counts of a session that is deleted."""
        await self._call("motte.forget", session_id)

    async def ping(self) -> None:
        """Checks that supervisord answers."""
        await self._call("supervisor.getState")

    async def close(self) -> None:
        """Closes the socket."""
        if self._http is not None:
            await self._http.close()

    async def _call(self, method: str, *arguments: str, within: float | None = None) -> Any:
        within = within or self._within
        try:
            async with asyncio.timeout(within):
                answer = await self._post(xmlrpc.client.dumps(arguments, method))
        except TimeoutError:
            raise SupervisorUnavailable(f"supervisord does not answer within {within:g} s") from None
        except (aiohttp.ClientError, OSError) as error:
            raise SupervisorUnavailable(f"supervisord does not answer: {error}") from error
        return _read(answer)

    async def _post(self, body: str) -> str:
        if self._http is None:
            connector = aiohttp.UnixConnector(str(self._socket), limit=0)
            self._http = aiohttp.ClientSession(connector=connector, raise_for_status=True)
        headers = {"Content-Type": "text/xml"}
        async with self._http.post("http://localhost/RPC2", data=body, headers=headers) as response:
            return await response.text()


def _read(answer: str) -> Any:
    try:
        return xmlrpc.client.loads(answer)[0][0]
    except xmlrpc.client.Fault as fault:
        if fault.faultCode == SHUTTING_DOWN:
            raise SupervisorUnavailable("supervisord is shutting down") from fault
        raise SupervisorUnavailable(f"supervisord refuses: {fault.faultString}") from fault
