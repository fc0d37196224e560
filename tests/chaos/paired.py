"""One paired session: people write to its phone, one program reads what they wrote, another looks at it."""

import asyncio
from contextlib import suppress
from random import Random
from typing import Any

from tests.chaos.contacts import Contact
from tests.chaos.inbox import Inbox
from tests.chaos.records import identity_in
from tests.chaos.scene import Scene
from tests.support.eventually import eventually

#: People who write to each.
CONTACTS = 2

#: The statuses that a paired session may have, whichever process is killed.
LINKED = ("connected", "disconnected")

#: Seconds between two looks.
RESTS = (0.2, 1.5)

#: Seconds until a message that was sent can be read, once everything works.
ARRIVES_WITHIN = 60.0


class Paired:
    """What happens around it."""

    def __init__(self, scene: Scene, number: int, *, seed: str) -> None:
        """seed: of all that is left to chance here."""
        self.id = f"paired-{number}"
        self.phone = f"1555100{number:04}"
        self._scene = scene
        self._random = Random(f"{seed} {self.id}")  # noqa: S311  # no secrets
        self._seed = seed
        self._inbox = self._new_inbox()
        self._contacts = [
            Contact(
                scene,
                f"49151{number:04}{index:04}",
                session_id=self.id,
                phone=self.phone,
                random=Random(f"{seed} {self.id} {index}"),  # noqa: S311
            )
            for index in range(CONTACTS)
        ]
        #: The key by which WhatsApp knows the device.
        self._identity = ""

    async def begin(self) -> None:
        """Pair it."""
        session = await self._scene.motte.create(self.id)
        self._scene.confidences.keep_code(session["qrCode"])
        await self._scene.phones.scan(session["qrCode"], self.phone)
        await self._scene.motte.until("connected", self.id)
        self._identity = identity_in(self._scene.motte.folder.session(self.id))

    async def live(self, over: asyncio.Event) -> None:
        """Return once it is over."""
        async with asyncio.TaskGroup() as tasks:
            for contact in self._contacts:
                tasks.create_task(contact.write(over))
            tasks.create_task(self._inbox.follow(over))
            tasks.create_task(self._watch(over))

    async def say(self) -> None:
        """Everybody writes one more text."""
        for contact in self._contacts:
            await contact.say()

    async def arrived(self) -> None:
        """Return once as many messages can be read as were written, or when that takes too long."""
        with suppress(TimeoutError):
            await eventually(self._has_all, within=ARRIVES_WITHIN)

    async def check(self) -> None:
        """Every text is there once and in order, for a reader that went on and for one that starts again."""
        await self.arrived()
        anew = self._new_inbox()
        while await anew.turn():
            pass
        for contact in self._contacts:
            contact.check(anew.items)
        if self._inbox.items != anew.items:
            self._scene.tally.find("reads on", f"{self.id}: who reads anew gets other messages")
        if identity_in(self._scene.motte.folder.session(self.id)) != self._identity:
            self._scene.tally.find("another device", f"{self.id} has other credentials than at first")

    async def _has_all(self) -> bool:
        await self._inbox.turn()
        return len(self._inbox.items) >= sum(len(contact.sent) for contact in self._contacts)

    async def _watch(self, over: asyncio.Event) -> None:
        """It is linked all the time, and shows no code."""
        while not over.is_set():
            await self._look()
            await asyncio.sleep(self._random.uniform(*RESTS))

    async def _look(self) -> None:
        answer = await self._scene.asker.ask(self._random.choice(["read", "look"]), self.id)
        if answer is not None and answer.status == 200:
            self._check_session(answer.body)

    def _check_session(self, session: dict[str, Any]) -> None:
        self._scene.tally.count("paired", session["status"])
        if session["status"] not in LINKED or session["qrCode"] is not None:
            told = {name: session[name] for name in ("status", "statusReason")}
            self._scene.tally.find("paired session", f"{self.id}: {told}")

    def _new_inbox(self) -> Inbox:
        return Inbox(self._scene, self.id, random=Random(f"{self._seed} {self.id} inbox"))  # noqa: S311
