"""Keys of reads that are answered from memory: they open, are counted and noted as ever."""

import asyncio
import sys
from asyncio.subprocess import create_subprocess_exec
from collections import Counter
from dataclasses import replace

import pytest

from server.auth.key_texts import digest
from server.core.settings.model import Settings
from tests.api.conftest import ADMIN_KEY, Front, opened
from tests.api.live_reads.conftest import LONG, assert_both_ways
from tests.api.problem_documents import problem
from tests.api.test_keys import last_use
from tests.support.time import TurnedTime


@pytest.mark.parametrize("header", ["X-Api-Key", "apikey"])
async def test_a_key_may_be_in_any_of_its_headers(front: Front, short: Counter[bool], header: str) -> None:
    await front.create()
    await assert_both_ways(front, short, {"Authorization": "", header: ADMIN_KEY})


async def test_a_key_that_a_command_revokes_opens_nothing_from_then_on(
    front: Front, short: Counter[bool]
) -> None:
    key = await front.key("bot", "sessions:read")
    await front.create()
    for _ in range(2):
        assert (await front.get("/sessions/shop", headers=key)).status == 200
    assert short[True]
    command = ["-m", "server", "keys", "revoke", "bot", "--yes", "--state", str(front.whole.settings.state)]
    revoking = await create_subprocess_exec(sys.executable, *command, stdout=asyncio.subprocess.DEVNULL)
    assert await revoking.wait() == 0
    await problem(await front.get("/sessions/shop", headers=key), 401, "unauthorized")


@pytest.mark.parametrize(
    ("scopes", "sessions", "status"),
    [
        (["sessions:read"], None, 200),
        (["sessions:write"], None, 403),
        (["sessions:read"], ["shop"], 200),
        (["sessions:read"], ["other"], 404),
    ],
)
async def test_a_key_in_memory_opens_what_it_may_open(
    front: Front, scopes: list[str], sessions: list[str] | None, status: int
) -> None:
    await front.create()
    key = await front.key("bot", *scopes, sessions=sessions)
    for _ in range(3):
        await front.read()
        assert (await front.get("/sessions/shop", headers=key)).status == status
    memory = front.whole.store.memory()
    assert memory.key(digest("bot")) is not None
    assert memory.session("shop") is not None


async def test_the_rate_limit_counts_both_ways(settings: Settings, time: TurnedTime) -> None:
    async with opened(replace(settings, rate_limit=4), time) as front:
        key = await front.key("bot", "sessions:read")
        await front.create()
        for headers in (key, {**key, **LONG}, key, key):
            assert (await front.get("/sessions/shop", headers=headers)).status == 200
        await problem(await front.get("/sessions/shop", headers=key), 429, "rate-limited")
        time.advance(0.25)
        assert (await front.get("/sessions/shop", headers=key)).status == 200
        await problem(await front.get("/sessions/shop", headers=key), 429, "rate-limited")


async def test_the_use_of_a_key_is_noted_to_the_millisecond(
    settings: Settings, time: TurnedTime, short: Counter[bool]
) -> None:
    async with opened(settings, time) as front:
        key = await front.key("bot", "sessions:read")
        await front.create()
        await front.get("/sessions/shop", headers=key)
        time.advance(1.234)
        short.clear()
        await front.get("/sessions/shop", headers=key)
        assert short == {True: 1}
        used_at = time.clock.wall()
        time.advance(60)
        async with asyncio.timeout(10):
            while (used := await last_use(front.whole.store.keys, "bot")) is None:
                pass
        assert used == used_at


async def test_a_chosen_key_is_looked_up_at_each_address_where_it_was_not_right_yet(front: Front) -> None:
    await front.create()
    memory = front.whole.store.memory()
    assert front.whole.keys.of_memory(ADMIN_KEY, memory, address="192.0.2.1") is None
    await front.read()
    memory = front.whole.store.memory()
    assert front.whole.keys.of_memory(ADMIN_KEY, memory, address="192.0.2.1") is None
    assert front.whole.keys.of_memory(ADMIN_KEY, memory, address="127.0.0.1") is not None
