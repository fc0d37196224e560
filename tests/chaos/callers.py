"""Programs that send numbered texts, each of them to one chat, and try again until they have an answer."""

import asyncio
from random import Random
from time import monotonic
from typing import Any

import aiohttp

from tests.chaos.scene import Scene
from tests.histories.history import Post

#: Seconds between two texts, and from a request without an answer to the next one with its key.
RESTS = (0.0, 0.2)
AGAIN = (0.05, 0.4)

#: Seconds after which a request without an answer is made again.
ANSWERS_WITHIN = 30.0

#: Statuses of an answer that carries the message.
ACCEPTED = (200, 201)

#: Statuses with which a request is made again: too many, and nobody is there to answer.
AGAIN_AFTER = (429, 502, 503, 504)


class Pace:
    """Lets texts go bit by bit, so that kills meet all of them."""

    def __init__(self, steps: int) -> None:
        """steps: how often `step` will be called."""
        self._steps = steps + 1
        self._step = 1
        self._stepped = asyncio.Condition()

    async def step(self) -> None:
        """Let the next part of all texts go."""
        async with self._stepped:
            self._step += 1
            self._stepped.notify_all()

    async def wait(self, number: int, of: int) -> None:
        """Return once the text with this number, from 0, of so many texts may go."""
        async with self._stepped:
            await self._stepped.wait_for(lambda: number * self._steps < of * self._step)


class Caller:
    """One of them."""

    def __init__(self, scene: Scene, session_id: str, chat: str, *, random: Random) -> None:
        """chat: digits, or the id of a group."""
        self.chat = chat
        #: Every request, in the order in which they were made.
        self.posts: list[Post] = []
        self._scene = scene
        self._session_id = session_id
        self._random = random

    @property
    def texts(self) -> set[str]:
        """What it asked to send."""
        return {post.text for post in self.posts}

    async def send(self, number: int, pace: Pace) -> None:
        """Send so many texts, one after the other, with a rest between them."""
        for each in range(number):
            await pace.wait(each, number)
            await self._say(each)

    async def _say(self, number: int) -> None:
        text = f"{self._scene.confidences.mark} to {self.chat} {number + 1}"
        key = f"{self.chat}-{number + 1}"
        is_answered = False
        while not is_answered:
            is_answered = await self._post(key, text)
            await asyncio.sleep(self._random.uniform(*(RESTS if is_answered else AGAIN)))

    async def _post(self, key: str, text: str) -> bool:
        """Whether the caller has an answer that says what became of the text."""
        began = monotonic()
        post = Post(key, self._session_id, self.chat, text, began)
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                answer = await self._scene.motte.ask(
                    "POST",
                    f"/sessions/{self._session_id}/messages",
                    json={"to": self.chat, "text": text},
                    headers={"Idempotency-Key": key},
                )
        except (TimeoutError, aiohttp.ClientError) as error:
            self._without_answer(error, began)
            self.posts.append(post)
            return False
        self.posts.append(post._replace(ended=monotonic(), status=answer.status, id=answer.body.get("id")))
        self._count(answer.status, answer.body)
        return answer.status not in AGAIN_AFTER

    def _without_answer(self, error: Exception, began: float) -> None:
        self._scene.tally.count("sends", "without an answer")
        if not self._scene.absence.excuses(began):
            self._scene.tally.find("no answer", f"send to {self.chat}: {error!r}")

    def _count(self, status: int, body: dict[str, Any]) -> None:
        self._scene.tally.count("sends", str(status))
        if status not in ACCEPTED and status not in AGAIN_AFTER:
            self._scene.tally.find("send refused", f"to {self.chat}: {status} {body}")
