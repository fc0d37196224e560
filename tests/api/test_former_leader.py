"""A leader that was paused, and lost its sessions meanwhile: what it writes late changes nothing."""

import asyncio
import logging
from typing import Any

import pytest

from server.sessions.state_machine import NODE
from store.sqlite.store import open_store
from tests.api.conftest import Front
from tests.api.received import connected, texts
from tests.api.test_heartbeat import compared
from tests.support.time import until


async def pass_on(front: Front) -> None:
    """What another front does first when it takes the pipes over."""
    async with open_store(front.folder.database, boot_id=front.time.clock.boot_id) as store:
        await store.sessions.take_over(NODE)


async def test_an_event_that_it_was_about_to_store_is_neither_stored_nor_acknowledged(
    front: Front, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    connector = await connected(front)
    paused, goes_on = asyncio.Event(), asyncio.Event()
    store = front.whole.store
    transact = store.transact

    async def late(*args: Any, **options: Any) -> Any:
        paused.set()
        await goes_on.wait()
        return await transact(*args, **options)

    monkeypatch.setattr(store, "transact", late)
    connector.receive("late")
    await paused.wait()
    before = await front.row()
    await pass_on(front)
    goes_on.set()
    await until(lambda: not front.owner.connectors.is_attached("shop"))
    assert await front.row() == before
    assert await texts(front) == []
    assert {"command": "ack", "seq": connector.last_seq} not in connector.commands
    assert "event=not_owner" in caplog.text
    assert "event=not_taken" not in caplog.text


async def test_what_callers_ask_of_it_changes_nothing_and_may_be_asked_again(front: Front) -> None:
    await connected(front)
    before = await front.row()
    await pass_on(front)
    response = await front.client.patch("/sessions/shop", json={"name": "late"})
    assert (response.status, (await response.json())["code"]) == (503, "store-unavailable")
    assert await front.row() == before


async def test_it_opens_the_pipes_of_a_lost_session_no_more(front: Front) -> None:
    await connected(front)
    await pass_on(front)
    await front.client.patch("/sessions/shop", json={"name": "late"})
    problem = await front.refused("restart")
    assert problem["code"] in {"connector-unavailable", "store-unavailable"}
    assert not front.owner.connectors.is_attached("shop")


async def test_it_neither_compares_nor_starts_a_lost_session(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    await connected(front)
    await pass_on(front)
    await front.client.patch("/sessions/shop", json={"name": "late"})
    before = dict(front.supervisor.starts)
    front.connector().quit()
    for _ in range(3):
        await compared(front)
    assert front.supervisor.starts == before
    assert "event=not_s" not in caplog.text  # neither not_settled nor not_started


async def test_a_session_that_is_deleted_and_made_again_has_an_owner(front: Front) -> None:
    await front.create()
    assert (await front.client.delete("/sessions/shop")).status == 204
    await front.create()
    assert (await front.client.patch("/sessions/shop", json={"name": "new"})).status == 200
