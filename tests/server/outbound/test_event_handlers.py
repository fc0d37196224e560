"""What connectors say of an account: the restriction that holds."""

import itertools
import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import NamedTuple

import pytest

from server.domain.transitions import Now
from server.outbound.event_handlers import UNKNOWN_RESTRICTION_MS, restrict
from server.protocol.events.link import Restricted
from store.ports.unit_of_work import UnitOfWork
from store.records.sessions import Session
from store.sqlite.store import SqliteStore, open_store
from tests.store.samples import session

HOUR = 3_600_000
NOW = Now(wall=1_000 * HOUR, boot=0.0, boot_id="boot-1")
SOON = Now(wall=1_001 * HOUR, boot=3_600.0, boot_id="boot-1")

_seqs = itertools.count(1)


class Shop(NamedTuple):
    """A session and its database."""

    store: SqliteStore
    token: int


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncGenerator[Shop]:
    async with open_store(tmp_path / "motte.db", boot_id="boot-1") as store:
        yield Shop(store, await store.sessions.add(session("shop")))


async def hear(shop: Shop, code: str, until: int | None, now: Now = NOW) -> tuple[str | None, int | None]:
    """Returns the code and the end of the restriction that holds then."""

    def work(unit: UnitOfWork) -> Session:
        assert unit.session is not None
        event = Restricted(epoch=1, seq=next(_seqs), code=code, until=until)
        after = restrict(unit, unit.session, event, now)
        unit.put(after)
        return after

    after = await shop.store.transact("shop", work, token=shop.token)
    return after.restriction, after.restricted_until


async def reports(shop: Shop) -> list[str | None]:
    """The ends that events named."""
    return [json.loads(event.data)["until"] for event in await shop.store.events.after(0, limit=100)]


async def test_a_refusal_that_says_no_end_shortens_no_known_restriction(shop: Shop) -> None:
    known = ("restricted", NOW.wall + 72 * HOUR)
    assert await hear(shop, *known) == known
    assert await hear(shop, "restricted", None) == known
    assert await hear(shop, "new-chat-limit", None) == known
    assert len(await reports(shop)) == 1


async def test_four_refusals_at_once_are_one_event(shop: Shop) -> None:
    for _ in range(4):
        assert await hear(shop, "restricted", None) == ("restricted", NOW.wall + UNKNOWN_RESTRICTION_MS)
    assert len(await reports(shop)) == 1


async def test_a_later_end_replaces_the_known_one(shop: Shop) -> None:
    await hear(shop, "restricted", NOW.wall + HOUR)
    assert await hear(shop, "restricted", NOW.wall + 2 * HOUR) == ("restricted", NOW.wall + 2 * HOUR)
    assert len(await reports(shop)) == 2


async def test_whatsapp_ends_a_restriction_and_no_other_one(shop: Shop) -> None:
    known = ("restricted", NOW.wall + 72 * HOUR)
    await hear(shop, *known)
    assert await hear(shop, "new-chat-limit", NOW.wall) == known
    assert await hear(shop, "restricted", NOW.wall) == (None, None)
    assert (await reports(shop))[1:] == [None]


async def test_a_restriction_that_is_over_is_not_kept(shop: Shop) -> None:
    await hear(shop, "restricted", NOW.wall + HOUR)
    next_one = ("new-chat-limit", SOON.wall + UNKNOWN_RESTRICTION_MS)
    assert await hear(shop, "new-chat-limit", None, SOON) == next_one
