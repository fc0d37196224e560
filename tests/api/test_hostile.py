"""A hostile or unlucky world: the front answers in its own words, and never with a dead code."""

import asyncio
import base64
import os
import sqlite3

import pytest

from server.protocol.events.link import Closed
from server.sessions.refresh import Refresh
from store.records.reason import Reason
from store.records.sessions import Session
from tests.api.conftest import Front
from tests.support.time import until


@pytest.mark.parametrize("cursor", ['[9223372036854775808,"a"]', "[" + "9" * 400 + ',"a"]', '[-1,"a"]'])
async def test_a_cursor_beyond_all_numbers_is_refused(front: Front, cursor: str) -> None:
    text = base64.urlsafe_b64encode(cursor.encode()).decode()
    response = await front.get("/sessions", params={"cursor": text})
    assert (response.status, (await response.json())["code"]) == (400, "bad-cursor")


@pytest.mark.parametrize(
    "line",
    [
        b'{"event":"qrs_exhausted","epoch":9223372036854775808}',
        b'{"event":"qr_issued","epoch":1,"ordinal":1,"payload":"x","issuedAt":1e308,"lifetime":1e308}',
        b'{"event":"up","epoch":1,"x":' + b"[" * 50_000,
        b"\xff\xfe",
        b"x" * 2_000_000,
    ],
    ids=["epoch", "time", "depth", "bytes", "length"],
)
async def test_a_line_that_makes_no_sense_leaves_the_session_hearing(front: Front, line: bytes) -> None:
    await front.create()
    pipe = os.open(front.folder.session("shop").events, os.O_WRONLY)
    await asyncio.to_thread(os.write, pipe, b"\n" + line + b"\n")
    os.close(pipe)
    front.connector().drop()
    await front.asleep()
    assert (await front.read(params={"refresh": "false"}))["qrCode"] is None


async def test_a_conditional_read_is_not_fooled_by_a_session_that_had_the_id_before(front: Front) -> None:
    await front.create()
    tag = (await front.get("/sessions/shop")).headers["ETag"]
    await front.client.delete("/sessions/shop")
    front.time.advance(1)
    await front.create()
    assert (await front.get("/sessions/shop", headers={"If-None-Match": tag})).status == 200


async def test_a_wait_that_ends_without_a_code_does_not_say_that_the_old_one_is_good(front: Front) -> None:
    await front.create()
    tag = (await front.get("/sessions/shop")).headers["ETag"]
    front.whatsapp.silent = True
    front.connector().drop()
    await front.asleep()
    headers = {"If-None-Match": tag, "Prefer": "wait=2"}
    waiting = asyncio.create_task(front.client.get("/sessions/shop", headers=headers))
    await front.restarted()
    front.time.advance(2.5)
    response = await waiting
    assert response.status == 200
    assert (await response.json())["qrCode"] is None


async def test_a_code_is_dead_although_the_database_cannot_say_so(front: Front) -> None:
    await front.create()
    other = sqlite3.connect(front.folder.database, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    front.connector().drop()
    await until(lambda: "shop" not in front.supervisor.connectors)
    await front.closed()
    read = await front.read(params={"refresh": "false"})
    other.execute("ROLLBACK")
    other.close()
    assert read["qrCode"] is None


async def test_a_failure_of_an_older_start_that_comes_late_is_no_answer_to_a_read(front: Front) -> None:
    await front.create()
    front.whatsapp.silent = True
    front.time.advance(161)
    reading = asyncio.create_task(front.read())
    connector = await front.restarted()
    await until(lambda: connector.is_greeted)
    connector.say(Closed(epoch=1, seq=10_000, reason=Reason("whatsapp-unreachable", "long ago")))
    await front.until("qr_waiting")
    connector.begin()
    assert (await reading)["qrCode"] is not None


async def test_a_stopped_session_that_is_deleted_is_logged_out_too(front: Front) -> None:
    await front.pair()
    await front.ask("stop")
    assert (await front.client.delete("/sessions/shop")).status == 204
    assert front.whatsapp.paired == {}


async def test_a_create_does_not_adopt_what_a_link_leads_to(front: Front) -> None:
    elsewhere = front.folder.path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "connector.db").write_text("another session's credentials")
    front.folder.sessions.mkdir(exist_ok=True)
    front.folder.session("shop").path.symlink_to(elsewhere)
    await front.create()
    assert not front.folder.session("shop").path.is_symlink()
    assert not (front.folder.session("shop").path / "connector.db").exists()


async def test_a_code_that_dies_on_its_way_to_the_reader_is_replaced(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    await front.create()
    front.time.advance(161)
    await front.asleep()
    regenerate = Refresh._regenerate

    async def unlucky(refresh: Refresh, session_id: str) -> Session:
        session = await regenerate(refresh, session_id)
        monkeypatch.undo()
        front.connector().drop()
        await front.asleep()
        return session

    monkeypatch.setattr(Refresh, "_regenerate", unlucky)
    assert (await front.read())["qrCode"] == "https://wa.me/settings/linked_devices#shop-3-1"
