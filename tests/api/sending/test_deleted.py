"""A session that is deleted while it sends: nothing of it stays."""

import asyncio

from store.sqlite.store import SqliteStore
from tests.api.sending.conftest import Shop


async def test_a_deleted_session_leaves_no_dispatcher_no_pace_and_no_totals(shop: Shop) -> None:
    dispatchers, checks = shop.front.owner.dispatchers, shop.front.owner.checks
    shop.front.whatsapp.takes_messages = False
    await shop.post()
    await shop.handed(1)
    await shop.post()
    store = shop.front.whole.store
    assert isinstance(store, SqliteStore)
    totals, counts = store._bound._totals, store._waiting._counts
    assert [len(one) for one in (dispatchers._dispatchers, checks._paces, totals, counts)] == [1] * 4
    response = await shop.front.client.delete("/sessions/shop")
    assert response.status == 204
    assert (dispatchers._dispatchers, dispatchers._running, dispatchers._links._epochs) == ({}, {}, {})
    assert (checks._paces, totals, counts) == ({}, {}, {})
    assert "dispatcher shop" not in {task.get_name() for task in asyncio.all_tasks()}
