"""A conversation and its webhook on a disk that fills, and at two fronts of which the first one dies."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager

import aiohttp
import pytest

from tests.end_to_end.kills import kill_front
from tests.slow.disk import disk_of, on_own_disk
from tests.slow.second import SecondFront
from tests.slow.trials import SETTINGS, Trial
from tests.support.consumer import consumer
from tests.support.eventually import eventually
from tests.support.motte import Answer, Motte
from tests.support.phones import BO, Phones, Sandbox
from tests.support.serve import API_KEY, Serve

#: Seconds after which WhatsApp confirms a text: the trouble comes before.
ACK_DELAY = 2.0


@pytest.fixture(scope="module")
def serve(sandbox: Sandbox) -> Generator[Serve]:
    with on_own_disk({**sandbox.settings, **SETTINGS}) as serve:
        yield serve


@pytest.fixture
async def trial(motte: Motte, phones: Phones) -> AsyncGenerator[Trial]:
    async with consumer() as found:
        yield Trial(motte, phones, found)
        await motte.ready()
        for webhook in (await motte.ask("GET", "/webhooks")).body["items"]:
            await motte.ask("DELETE", f"/webhooks/{webhook['id']}")


async def is_ready(motte: Motte, status: int) -> bool:
    return (await motte.ask("GET", "/readyz")).status == status


async def test_a_full_disk_loses_and_doubles_nothing_in_either_direction(
    motte: Motte, phones: Phones, trial: Trial
) -> None:
    await trial.begin()
    await trial.say("before")
    await trial.hear("before, theirs")
    await trial.consumer.until(5)
    await phones.misbehave(ackDelay=ACK_DELAY)
    await trial.say("on its way")
    disk = disk_of(motte.folder)
    disk.fill()
    try:
        await eventually(lambda: is_ready(motte, 503))
        refused = await motte.ask("POST", "/sessions/shop/messages", json={"to": BO, "text": "never"})
        assert refused.problem(503, "store-unavailable")["retryable"]
        await trial.hear("meanwhile, theirs")
        saying = asyncio.create_task(trial.say("meanwhile"))
        await asyncio.sleep(2 * ACK_DELAY)  # its confirmation finds no room
        assert not saying.done()
    finally:
        disk.clear()
    await phones.misbehave()
    await saying
    await trial.say("after")
    await trial.hear("after, theirs")
    await trial.assert_well()


class AtSecond(Motte):
    """A caller of the front that came second."""

    def __init__(self, motte: Motte, second: SecondFront, http: aiohttp.ClientSession) -> None:
        super().__init__(motte.serve, motte.phones, http)
        self._url = second.url

    async def ask(self, method: str, path: str, **options: object) -> Answer:
        async with self._http.request(method, f"{self._url}{path}", **options) as answer:  # type: ignore[arg-type]
            return Answer(answer.status, answer.headers, await answer.json())


@asynccontextmanager
async def at(second: SecondFront, motte: Motte) -> AsyncGenerator[Motte]:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {API_KEY}"}) as http:
        yield AtSecond(motte, second, http)


async def test_what_either_of_two_fronts_took_is_sent_once_whichever_of_them_dies(
    motte: Motte, phones: Phones, trial: Trial
) -> None:
    await trial.begin()
    async with SecondFront.beside(motte.serve) as second, at(second, motte) as other:
        await second.says("visiting")
        try:
            for number in range(5):
                await trial.say(f"text {number}, at the first")
                await trial.say(f"text {number}, at the second", through=other)
                await trial.hear(f"theirs {number}")
            await phones.misbehave(ackDelay=ACK_DELAY)
            await trial.say("on its way", through=other)
            kill_front(motte)  # the second one, or the next first one, takes over
            for number in range(5, 10):
                await trial.say(f"text {number}, at the second", through=other)
                await trial.hear(f"theirs {number}")
            await phones.misbehave()
            await motte.serve.ctl("stop", "front")
            await second.says("owning")
            await trial.say("at the one that is left", through=other)
            await trial.hear("theirs, at last")
            await trial.assert_well()
        finally:
            await motte.serve.ctl("start", "front")


async def test_a_front_that_dies_between_a_delivery_and_its_cursor_repeats_it_from_the_other_front(
    motte: Motte, trial: Trial
) -> None:
    await trial.begin()
    for turn in range(3):
        async with SecondFront.beside(motte.serve) as second:
            await second.says("visiting")
            known = len(trial.consumer.got)
            await trial.hear(f"theirs {turn}")
            await trial.consumer.until(known + 1)
            kill_front(motte)
            await trial.say(f"text {turn}")
            await second.says("owning")
            await trial.hear(f"theirs {turn}, at the one that is left")
        await motte.ready()
    await trial.assert_well()
