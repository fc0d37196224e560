"""Who uses one session in a soak: readers who read, and an owner who does everything else."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from contextlib import suppress
from random import Random
from time import monotonic, time
from typing import Any

from tests.soak.asking import Asker
from tests.soak.tally import Tally
from tests.soak.weather import Weather
from tests.support.moments import moment
from tests.support.motte import Answer, Motte
from tests.support.phones import NotScanned

#: Seconds between two acts of an owner, for each session there is: most start a connector, and those that
#: start share the cores. And between two acts of a reader.
OWNER_RESTS = (0.06, 0.5)
READER_RESTS = (0.0, 1.5)

#: Seconds that a wait lasts at most.
WAITS = (1, 8)

#: Seconds in which the front learns that a connection is gone.
LEARNS_WITHIN = 1.0

#: Seconds after which nobody remembers a connection that fell silent: a socket shows its codes no longer.
REMEMBERED = 30.0

#: Seconds that a code must have left to be scanned: the phone needs a moment too.
SCANNABLE = 0.5

Act = Callable[[], Awaitable[None]]


class People:
    """The owner and the readers of one session."""

    def __init__(
        self,
        session_id: str,
        phone: str,
        *,
        motte: Motte,
        asker: Asker,
        tally: Tally,
        weather: Weather,
        random: Random,
        sessions: int,
    ) -> None:
        """sessions: how many there are."""
        self._id = session_id
        self._phone = phone
        self._motte = motte
        self._phones = motte.phones
        self._asker = asker
        self._tally = tally
        self._weather = weather
        self._random = random
        self._sessions = sessions
        self._tag: str | None = None

    async def own(self, until: float) -> None:
        """until: monotonic."""
        acts: list[Act] = [
            *([self._scan] * 6),
            *([self._kill] * 2),
            *([self._cut] * 2),
            *([self._restart] * 2),
            *([self._unlink] * 2),
            *(self._stop_and_start, self._log_out, self._ask_for_a_pairing_code, self._delete),
        ]
        await self._create()
        while monotonic() < until:
            await self._random.choice(acts)()
            await self._mend()
            await asyncio.sleep(self._random.uniform(*OWNER_RESTS) * self._sessions)

    async def read(self, until: float) -> None:
        """until: monotonic."""
        acts: list[Act] = [*([self._read] * 4), *([self._wait] * 3), self._look, self._list]
        while monotonic() < until:
            await self._random.choice(acts)()
            await asyncio.sleep(self._random.uniform(*READER_RESTS))

    async def _create(self) -> None:
        await self._asker.ask("create", self._id, json={"id": self._id})

    async def _read(self) -> None:
        self._keep(await self._asker.ask("read", self._id))

    async def _wait(self) -> None:
        if self._tag is None:
            await self._read()
            return
        wait = self._random.randint(*WAITS)
        headers = {"If-None-Match": self._tag, "Prefer": f"wait={wait}"}
        self._keep(await self._asker.ask("wait", self._id, within=float(wait), headers=headers))

    def _keep(self, answer: Answer | None) -> None:
        self._tag = answer.headers.get("ETag") if answer is not None else None

    async def _look(self) -> None:
        await self._asker.ask("look", self._id)

    async def _list(self) -> None:
        await self._asker.ask("list")

    async def _restart(self) -> None:
        await self._asker.ask("restart", self._id)

    async def _stop_and_start(self) -> None:
        await self._asker.ask("stop", self._id)
        await self._asker.ask("start", self._id)

    async def _log_out(self) -> None:
        await self._asker.ask("logout", self._id)

    async def _ask_for_a_pairing_code(self) -> None:
        await self._asker.ask("code", self._id, json={"phoneNumber": self._phone})

    async def _delete(self) -> None:
        await self._asker.ask("delete", self._id)
        await self._create()

    async def _mend(self) -> None:
        """A session that came to an end, or rests, is started; one that fails again is linked again."""
        session = await self._seen("look")
        if session is None:
            await self._create()
        elif session["status"] in ("failed", "logged_out", "stopped"):
            self._tally.count("ends", session["status"])
            answer = await self._asker.ask("restart", self._id)
            if answer is not None and answer.status == 409:
                await self._asker.ask("restart", self._id, json={"forget": True})

    async def _seen(self, kind: str) -> dict[str, Any] | None:
        answer = await self._asker.ask(kind, self._id)
        return answer.body if answer is not None and answer.status == 200 else None

    async def _cut(self) -> None:
        self._tally.count("faults", "drop one")
        await self._phones.drop(self._phone)

    async def _unlink(self) -> None:
        with suppress(AssertionError):  # it does not exist
            await self._phones.unlink(self._phone)
            self._tally.count("faults", "unlink")

    async def _kill(self) -> None:
        program = (await self._motte.programs()).get(self._id)
        if program is not None and program.pid is not None:
            with suppress(ProcessLookupError):
                os.kill(program.pid, 9)
                self._tally.count("faults", "kill -9")

    async def _scan(self) -> None:
        """The phone agrees that a code lives which was just read."""
        session = await self._seen("read")
        if session is None or session["qrCode"] is None:
            return
        if moment(session["qrExpiresAt"]) - time() < SCANNABLE:
            return
        if await self._why_dead(session["qrCode"]):
            await self._check_dead(session["qrCode"])

    async def _why_dead(self, code: str) -> str | None:
        """Why WhatsApp does not know a code that the phone scans now; None where it does."""
        try:
            await self._phones.scan(code, self._phone)
        except NotScanned as refusal:
            self._tally.count("scans", refusal.code)
            return str(refusal) if refusal.code == "code-dead" else None
        self._tally.count("scans", "linked")
        return None

    async def _check_dead(self, code: str) -> None:
        """A code that died a moment ago is shown no more, unless its connection died without a sign."""
        if self._weather.was_silent_within(REMEMBERED):
            return
        await asyncio.sleep(LEARNS_WITHIN)
        session = await self._seen("look")
        is_shown = session is not None and session["qrCode"] == code
        if is_shown and (why := await self._why_dead(code)):
            self._tally.find("dead code", f"{self._id}: {why}, and {session}")
