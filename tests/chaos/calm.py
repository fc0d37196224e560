"""What a kill costs where everything works, and nobody does anything else: kills one by one."""

from collections.abc import Awaitable, Callable, Sequence

from tests.chaos.paired import Paired
from tests.chaos.processes import connectors, front
from tests.chaos.scene import Scene
from tests.chaos.waiting import Waiting
from tests.soak.leftovers import ALLOWANCE, Process
from tests.support.eventually import eventually

#: Seconds until everything works again after one kill.
WELL_WITHIN = 60.0


class Calm:
    """Sessions that are all connected."""

    def __init__(self, scene: Scene, paired: Sequence[Paired], waiting: Sequence[Waiting]) -> None:
        """paired: those that people write to."""
        self._scene = scene
        self._paired = paired
        self._all: list[Paired | Waiting] = [*paired, *waiting]

    async def kill_fronts(self, number: int) -> None:
        """Connectors go on; the next front takes them over without a login, misses nothing and grows not."""
        first = None
        for _ in range(number):
            before = connectors(self._scene.motte.folder)
            await self._costs("front", 0, self._scene.reaper.kill_front)
            if connectors(self._scene.motte.folder) != before:
                self._scene.tally.find("other connectors", "after a kill of the front alone")
            if first is None:
                first = self._front()
        if first is not None:
            await self._check_descriptors(first)

    async def kill_others(self) -> None:
        """Each connector that dies, by itself or with its supervisord, logs in once and registers never."""
        await self._costs("connector", 1, self._scene.reaper.kill_connector)
        await self._costs("supervisord", len(self._all), self._scene.reaper.kill_supervisord)

    async def _costs(self, kind: str, logins: int, kill: Callable[[], Awaitable[None]]) -> None:
        """Kill, write to everybody meanwhile, and hold against it what WhatsApp has counted."""
        registered, logged_in = await self._scene.phones.counts()
        await kill()
        for paired in self._paired:
            await paired.say()
        await self._scene.absence.over()
        for paired in self._paired:
            await paired.arrived()
        try:
            await eventually(lambda: self._is_well(logged_in + logins), within=WELL_WITHIN)
        except TimeoutError:
            self._scene.tally.find("not well", f"{WELL_WITHIN:g} s after a kill of {kind}")
        now = await self._scene.phones.counts()
        self._scene.tally.count(f"1 {kind} =", "logins", now[1] - logged_in)
        if now != (registered, logged_in + logins):
            what = f"{now[0] - registered} registrations, {now[1] - logged_in} logins"
            self._scene.tally.find("calm kill", f"of {kind} cost {what}")

    async def _is_well(self, logins: int) -> bool:
        """So many have logged in, every phone has a device with a link, and every session says so.

        A logout that a kill cut off leaves a device on its phone that no session is for.
        """
        state = await self._scene.phones.state()
        online = {device["phoneNumber"] for device in state["devices"] if device["online"]}
        if state["logins"] < logins or not online.issuperset(each.phone for each in self._all):
            return False
        sessions = [await self._scene.motte.look(each.id) for each in self._all]
        return all(session["status"] == "connected" for session in sessions)

    async def _check_descriptors(self, first: Process) -> None:
        """The front that has taken over now needs no more than the first that did. first: that one, then."""

        async def is_as_small() -> bool:
            return self._front().descriptors <= first.descriptors + ALLOWANCE

        try:
            await eventually(is_as_small, within=WELL_WITHIN)
        except TimeoutError:
            now = self._front().descriptors
            self._scene.tally.find("descriptors", f"from {first.descriptors} to {now} of the front")

    def _front(self) -> Process:
        """The one that runs now."""
        pid = front(self._scene.motte.folder)
        assert pid is not None
        return Process.now(pid)
