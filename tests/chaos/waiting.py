"""One session that waits for a phone: readers who read it, and a phone that scans now and then."""

import asyncio
from contextlib import suppress
from random import Random
from time import time
from typing import Any

from tests.chaos.scene import Scene
from tests.support.moments import moment
from tests.support.phones import NotScanned

#: Of each session.
READERS = 2

#: Seconds between two acts of a reader, and between two pairings.
READER_RESTS = (0.0, 1.0)
OWNER_RESTS = (1.0, 8.0)

#: Seconds that a wait for news lasts at most.
WAITS = (1, 5)

#: Seconds from the moment at which a phone begins to scan to the kill that meets the pairing: it takes about
#: half a second, from the signature over the restart to the login.
KILLED_AFTER = (0.0, 0.8)

#: Pairings of so many that are met by a kill.
MET = 0.7

#: Seconds until a phone's scan has led to a link, whichever process is killed on the way.
LINKS_WITHIN = 60.0

#: Seconds in which the front learns that a connection is gone, and between two tries of what a kill prevents.
LEARNS_WITHIN = 1.0
AGAIN = 0.2

#: Seconds that a code must have left to be scanned.
SCANNABLE = 0.5

#: Answers to a create after which its session is there.
MADE = frozenset({201, 409, 502, 503, 504})


class Waiting:
    """What happens around it."""

    def __init__(self, scene: Scene, number: int, *, seed: str) -> None:
        """seed: of all that is left to chance here."""
        self.id = f"waiting-{number}"
        self.phone = f"1555200{number:04}"
        self._scene = scene
        self._random = Random(f"{seed} {self.id}")  # noqa: S311  # no secrets
        self._tag: str | None = None

    async def begin(self) -> None:
        """Make it."""
        self._scene.confidences.keep_code((await self._scene.motte.create(self.id))["qrCode"])

    async def live(self, over: asyncio.Event) -> None:
        """Return once it is over, with a session that nobody has paired."""
        async with asyncio.TaskGroup() as tasks:
            for _ in range(READERS):
                tasks.create_task(self._read_on(over))
            tasks.create_task(self._own(over))

    async def check(self) -> None:
        """A read gives a code that a phone can scan, and then it is connected."""
        session = None
        for _ in range(5):
            session = await self._seen("read")
            if session is None or session["qrCode"] is None:
                continue
            with suppress(NotScanned):
                await self._scene.phones.scan(session["qrCode"], self.phone)
                await self._linked()
                return
        self._scene.tally.find("no code to scan", f"{self.id}: {self._told(session)}")

    async def _read_on(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await self._random.choice([self._read, self._read, self._wait, self._look])()
            await asyncio.sleep(self._random.uniform(*READER_RESTS))

    async def _own(self, over: asyncio.Event) -> None:
        while not over.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(over.wait(), self._random.uniform(*OWNER_RESTS))
                return
            await self._pair()
            await self._renew()

    async def _read(self) -> None:
        await self._seen("read")

    async def _look(self) -> None:
        await self._seen("look")

    async def _wait(self) -> None:
        if self._tag is None:
            return await self._read()
        wait = self._random.randint(*WAITS)
        headers = {"If-None-Match": self._tag, "Prefer": f"wait={wait}"}
        await self._seen("wait", within=float(wait), headers=headers)
        return None

    async def _seen(self, kind: str, **options: Any) -> dict[str, Any] | None:
        """The session, where the answer carries it."""
        answer = await self._scene.asker.ask(kind, self.id, **options)
        self._tag = answer.headers.get("ETag") if answer is not None else None
        if answer is None or answer.status != 200:
            return None
        if answer.body["qrCode"] is not None:
            self._scene.confidences.keep_code(answer.body["qrCode"])
        return answer.body

    async def _pair(self) -> None:
        """A phone scans a code that was just read, and a kill meets that at any moment."""
        session = await self._seen("read")
        if session is None or session["qrCode"] is None:
            return
        if moment(session["qrExpiresAt"]) - time() < SCANNABLE:
            return
        meeting = asyncio.create_task(self._meet())
        is_linked = await self._scans(session["qrCode"])
        await meeting
        if is_linked:
            await self._linked()
        elif is_linked is None:
            await self._check_dead(session["qrCode"])

    async def _meet(self) -> None:
        if self._random.random() > MET:
            return
        await asyncio.sleep(self._random.uniform(*KILLED_AFTER))
        self._scene.reaper.kill_connector_of(self.id, "connector while pairing")

    async def _scans(self, code: str) -> bool | None:
        """Whether the device is linked now; None where WhatsApp does not know the code."""
        try:
            await self._scene.phones.scan(code, self.phone)
        except NotScanned as refusal:
            self._scene.tally.count("scans", refusal.code)
            return None if refusal.code == "code-dead" else False
        self._scene.tally.count("scans", "linked")
        return True

    async def _check_dead(self, code: str) -> None:
        """A code that died a moment ago is shown no more. A kill may meet one look, not three."""
        for _ in range(3):
            await asyncio.sleep(LEARNS_WITHIN)
            session = await self._seen("look")
            if session is None or session["qrCode"] != code or await self._scans(code) is not None:
                return
        self._scene.tally.find("dead code", f"{self.id}: WhatsApp does not know it, and it is shown")

    async def _linked(self) -> None:
        """WhatsApp has linked the device: no kill may lose that."""
        session = None
        try:
            async with asyncio.timeout(LINKS_WITHIN):
                while session is None or session["status"] != "connected":
                    await asyncio.sleep(AGAIN)
                    session = await self._seen("look")
        except TimeoutError:
            self._scene.tally.find("pairing lost", f"{self.id}: {self._told(session)}")

    async def _renew(self) -> None:
        """Deletes it and creates it again, however often a kill comes between."""
        self._scene.confidences.keep_credentials(self.id)
        self._scene.confidences.check_logs(f"connector-{self.id}.log*")
        await self._until("delete", frozenset({204, 404}))
        await self._until("create", MADE, json={"id": self.id})

    async def _until(self, kind: str, statuses: frozenset[int], **options: Any) -> None:
        answer = None
        while answer is None or answer.status not in statuses:
            if answer is not None:
                await asyncio.sleep(AGAIN)
            answer = await self._scene.asker.ask(kind, self.id, **options)
            await asyncio.sleep(AGAIN if answer is None else 0)

    def _told(self, session: dict[str, Any] | None) -> dict[str, Any] | None:
        """What may be shown of it: no code."""
        return session and {name: session[name] for name in ("status", "statusReason", "updatedAt")}
