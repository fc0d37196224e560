"""A supervisord whose connectors are tasks of the test's own event loop."""

import asyncio
from collections import defaultdict

from server.connectors.supervisor_client import Program, RestartCounts, SupervisorClient
from server.core.clock import Clock
from server.core.paths import StateFolder
from server.protocol.events.process import Ended
from server.protocol.exit_codes import HOPELESS
from tests.support.connector import FakeConnector
from tests.support.time import until
from tests.support.whatsapp import FakeWhatsApp


class FakeSupervisor(SupervisorClient):
    """Starts fake connectors on the real pipes of a state folder, and tells how they ended."""

    def __init__(self, folder: StateFolder, whatsapp: FakeWhatsApp, clock: Clock) -> None:
        self._folder = folder
        self.whatsapp = whatsapp
        self._clock = clock
        self.connectors: dict[str, FakeConnector] = {}
        #: Those that were stopped by hand: they stay listed.
        self.stopped: set[str] = set()
        #: Those that crashed and wait for their next try, or were given up: they stay listed, too.
        self.failed: dict[str, Program] = {}
        #: How often each session was started.
        self.starts: dict[str, int] = {}
        #: The most connectors that were ever starting at once.
        self.most_starting = 0
        #: How often each session was started again after a kill.
        self.restarts: defaultdict[str, int] = defaultdict(int)
        #: How often all were listed.
        self.lists = 0
        #: Whether notices of ends are dropped on their way to the front.
        self.drops_notices = False
        self._forgotten = 0

    async def start(self, session_id: str) -> Program:
        if session_id not in self.connectors:
            self._spawn(session_id)
        return self._program(session_id)

    async def stop(self, session_id: str) -> bool:
        was_stopped = session_id in self.stopped or self.failed.pop(session_id, None) is not None
        self.stopped.discard(session_id)
        connector = self.connectors.pop(session_id, None)
        if connector is None:
            return was_stopped
        connector.end()
        self._notify(connector, Ended(state="STOPPED"))
        return True

    async def spares(self) -> list[Program]:
        return []

    async def list(self) -> list[Program]:
        self.lists += 1
        stopped = [self._program(session_id) for session_id in self.stopped]
        return [
            *(self._program(session_id) for session_id in self.connectors),
            *(program._replace(state="STOPPED", pid=None) for program in stopped),
            *self.failed.values(),
        ]

    async def give_up_spares(self) -> int:
        return 0

    async def kill(self, session_id: str) -> bool:
        """It comes back after a second."""
        if session_id not in self.connectors:
            return False
        self._die(session_id, deaf=True)
        asyncio.get_running_loop().call_later(1.0, self._restart, session_id)
        return True

    async def tallies(self) -> dict[str, RestartCounts]:
        return {session_id: RestartCounts(restarts) for session_id, restarts in self.restarts.items()}

    async def total(self) -> RestartCounts:
        return RestartCounts(self._forgotten + sum(self.restarts.values()))

    async def forget(self, session_id: str) -> None:
        self._forgotten += self.restarts.pop(session_id, 0)

    async def ping(self) -> None:
        return None

    async def close(self) -> None:
        for session_id in tuple(self.connectors):
            connector = self.connectors.pop(session_id)
            connector.end()
            connector.leave(None)

    async def started(self, session_id: str) -> FakeConnector:
        """The connector of a session, once there is one that has opened its socket."""
        await until(lambda: session_id in self.connectors and self.connectors[session_id].has_socket)
        return self.connectors[session_id]

    def stop_by_hand(self, session_id: str, *, is_heard: bool = True) -> None:
        """As `supervisorctl stop connector:ID`. is_heard: whether a front is there."""
        connector = self.connectors.pop(session_id)
        connector.end()
        self.stopped.add(session_id)
        if is_heard:
            self._notify(connector, Ended(state="STOPPED", by_hand=True))
        else:
            connector.leave(None)

    def crash(self, session_id: str) -> None:
        """As kill -9: the connector says nothing more."""
        self._die(session_id, deaf=False)

    def start_again(self, session_id: str, *, abilities: tuple[str, ...] = ("send", "marks")) -> None:
        """The next start after a crash. abilities: what the connector can do."""
        self._restart(session_id)
        self.connectors[session_id].abilities = abilities

    def _die(self, session_id: str, *, deaf: bool) -> None:
        program = self._program(session_id)
        self.failed[session_id] = program._replace(state="BACKOFF", pid=None, exit=-9, tries=1, retry_in=1.0)
        connector = self.connectors.pop(session_id)
        connector.end()
        self._notify(connector, Ended(state="BACKOFF", signal=9, tries=1, retry_in=1.0, deaf=deaf))

    def _restart(self, session_id: str) -> None:
        if session_id not in self.connectors:
            self.restarts[session_id] += 1
            self._spawn(session_id)

    def _program(self, session_id: str) -> Program:
        """Its number tells one start from the next; it has two bytes of memory, for three seconds."""
        pid, restarts = self.starts[session_id], self.restarts[session_id]
        return Program(session_id, "RUNNING", pid, None, 0, None, restarts=restarts, uptime=3.0, memory=2)

    def _spawn(self, session_id: str) -> None:
        self.starts[session_id] = self.starts.get(session_id, 0) + 1
        self.stopped.discard(session_id)
        self.failed.pop(session_id, None)
        connector = FakeConnector(
            session_id,
            self._folder.session(session_id),
            whatsapp=self.whatsapp,
            clock=self._clock,
            epoch=self.starts[session_id],
            on_exit=self._exited,
        )
        self.connectors[session_id] = connector
        connector.run()
        starting = sum(not connector.is_greeted for connector in self.connectors.values())
        self.most_starting = max(self.most_starting, starting)

    def _exited(self, connector: FakeConnector, status: int) -> None:
        """0: asleep. 75: started again at once, and nobody is told. 78 to 80: given up."""
        if self.connectors.get(connector.session_id) is connector:
            del self.connectors[connector.session_id]
        if status == 75:
            connector.leave(None)
            self._spawn(connector.session_id)
        else:
            state = "FATAL" if status in HOPELESS else "EXITED"
            if state == "FATAL":
                program = self._program(connector.session_id)
                self.failed[connector.session_id] = program._replace(state=state, pid=None, exit=status)
            self._notify(connector, Ended(state=state, exit=status))

    def _notify(self, connector: FakeConnector, ended: Ended) -> None:
        """As the plugin does, on the connector's own pipe."""
        connector.leave(None if self.drops_notices else ended)
