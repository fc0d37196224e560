"""Leases: one holder at a time, and a token that only grows."""

import asyncio
import json
import sys
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from store.ports.leases import LeaseStore
from store.ports.sessions import SessionStore
from store.records.leases import Lease
from tests.store.samples import session

ROUNDS = 30


async def test_two_processes_of_twenty_tasks_have_one_winner_a_round(path: Path) -> None:
    async with AsyncExitStack() as stack:
        contenders = [await stack.enter_async_context(contender(path, name)) for name in ("a", "b")]
        for number in range(ROUNDS):
            winners = await asyncio.gather(*(ask(each, f"session-{number}") for each in contenders))
            assert len(winners[0] + winners[1]) == 1


async def test_a_lease_that_is_held_is_not_given_again_even_to_its_holder(leases: LeaseStore) -> None:
    assert await leases.take("shop", owner="front", now=100.0, ttl=15.0) == 1

    assert await leases.take("shop", owner="front", now=114.9, ttl=15.0) is None
    assert await leases.take("shop", owner="another", now=114.9, ttl=15.0) is None


async def test_a_lease_says_who_holds_it_and_until_when(leases: LeaseStore) -> None:
    await leases.take("shop", owner="front", now=100.0, ttl=15.0)

    assert await leases.get("shop") == Lease(
        session_id="shop", owner="front", token=1, expires_at=115.0, boot_id="boot-1"
    )
    assert await leases.get("another") is None


async def test_a_lease_that_ran_out_passes_to_whoever_asks(leases: LeaseStore) -> None:
    await leases.take("shop", owner="dead", now=100.0, ttl=15.0)

    assert await leases.take("shop", owner="front", now=115.0, ttl=15.0) == 2


async def test_tokens_only_grow_whoever_takes_the_lease_and_however_it_ended(leases: LeaseStore) -> None:
    tokens = []
    for number in range(6):
        now = 100.0 + 20.0 * number
        token = await leases.take("shop", owner=f"front-{number % 2}", now=now, ttl=15.0)
        tokens.append(token)
        if number % 3 == 0 and token is not None:
            await leases.release("shop", owner=f"front-{number % 2}", token=token)

    assert tokens == [1, 2, 3, 4, 5, 6]


async def test_a_lease_that_is_given_back_can_be_taken_at_once(leases: LeaseStore) -> None:
    await leases.take("shop", owner="front", now=100.0, ttl=15.0)

    assert await leases.release("shop", owner="front", token=1)

    assert await leases.take("shop", owner="another", now=100.0, ttl=15.0) == 2


async def test_a_renewed_lease_holds_from_now_on(leases: LeaseStore) -> None:
    await leases.take("shop", owner="front", now=100.0, ttl=15.0)

    assert await leases.renew("shop", owner="front", token=1, now=110.0, ttl=15.0)

    assert await leases.take("shop", owner="another", now=120.0, ttl=15.0) is None


async def test_a_lease_that_ran_out_cannot_be_renewed_even_if_nobody_took_it(leases: LeaseStore) -> None:
    await leases.take("shop", owner="front", now=100.0, ttl=15.0)

    assert not await leases.renew("shop", owner="front", token=1, now=115.0, ttl=15.0)


async def test_a_late_holder_can_neither_renew_nor_give_back_what_passed_to_another(
    leases: LeaseStore,
) -> None:
    await leases.take("shop", owner="late", now=100.0, ttl=15.0)
    await leases.take("shop", owner="front", now=120.0, ttl=15.0)
    held = await leases.get("shop")

    assert not await leases.renew("shop", owner="late", token=1, now=121.0, ttl=99.0)
    assert not await leases.release("shop", owner="late", token=1)

    assert await leases.get("shop") == held


async def test_an_old_token_is_late_even_in_the_hands_of_the_same_owner(leases: LeaseStore) -> None:
    await leases.take("shop", owner="front", now=100.0, ttl=15.0)
    await leases.take("shop", owner="front", now=120.0, ttl=15.0)

    assert not await leases.renew("shop", owner="front", token=1, now=121.0, ttl=99.0)
    assert not await leases.release("shop", owner="front", token=1)


async def test_a_lease_goes_with_its_session_and_its_token_never_comes_back(
    leases: LeaseStore, sessions: SessionStore
) -> None:
    for number in range(1, 4):
        await sessions.add(session())
        assert await leases.take("shop", owner="front", now=100.0, ttl=15.0) == number
        assert await sessions.delete("shop", token=None)
        assert await leases.get("shop") is None
        assert not await leases.renew("shop", owner="front", token=number, now=101.0, ttl=15.0)


@asynccontextmanager
async def contender(path: Path, name: str) -> AsyncIterator[Process]:
    process = await create_subprocess_exec(
        sys.executable, "-m", "tests.store.contender", str(path), name, stdin=PIPE, stdout=PIPE
    )
    try:
        await answer(process)
        yield process
    finally:
        await process.communicate(b"")  # the end of its stdin ends it


async def ask(process: Process, session_id: str) -> list[Any]:
    assert process.stdin is not None
    process.stdin.write(f"{session_id}\n".encode())
    return await answer(process)


async def answer(process: Process) -> list[Any]:
    assert process.stdout is not None
    winners: list[Any] = json.loads(await process.stdout.readline())
    return winners
