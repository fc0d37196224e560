"""People who write numbered texts to one session's phone, each one after the other."""

import asyncio
from collections.abc import Sequence
from itertools import pairwise
from random import Random
from typing import Any

from tests.chaos.scene import Scene

#: Seconds between two texts of the same person.
RESTS = (0.1, 0.8)


class Contact:
    """One of them."""

    def __init__(self, scene: Scene, number: str, *, session_id: str, phone: str, random: Random) -> None:
        self.number = number
        self.session_id = session_id
        self.phone = phone
        #: What was written so far.
        self.sent: list[str] = []
        self._scene = scene
        self._random = random

    async def write(self, over: asyncio.Event) -> None:
        """Write until it is over."""
        while not over.is_set():
            await self.say()
            await asyncio.sleep(self._random.uniform(*RESTS))

    async def say(self) -> None:
        """Write the next text."""
        mark = self._scene.confidences.mark
        text = f"{mark} {self.session_id} {self.number} {len(self.sent) + 1}"
        await self._scene.phones.send(text, sender=self.number, to=self.phone)
        self.sent.append(text)
        self._scene.tally.count("messages", "sent")

    def check(self, items: Sequence[dict[str, Any]]) -> None:
        """Tell what is missing, there twice, or in a wrong place. items: all that the session was given."""
        got = [item["text"] for item in items if item["chat"].startswith(f"{self.number}@")]
        once = list(dict.fromkeys(got))
        known = set(got)
        missing = [text for text in self.sent if text not in known]
        for kind, number in (
            ("received", len(once)),
            ("missing", len(missing)),
            ("twice", len(got) - len(once)),
        ):
            self._scene.tally.count("messages", kind, number)
        if got != self.sent:
            self._scene.tally.find("messages", self._told(got, missing))

    def _told(self, got: list[str], missing: list[str]) -> str:
        """What is wrong, by the numbers of the texts."""
        numbers, lost = ([int(text.rpartition(" ")[2]) for text in texts] for texts in (got, missing))
        jumps = [f"{one} {two}" for one, two in pairwise(numbers) if two != one + 1]
        what = f"of {len(self.sent)} {lost} are lost; {jumps} do not follow each other"
        return f"{self.session_id} from {self.number}: {what}"
