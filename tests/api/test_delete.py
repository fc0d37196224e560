"""Deleting a session: nothing of it stays."""

import asyncio
import shutil
import threading
from pathlib import Path

import pytest

from tests.api.conftest import Front
from tests.support.credentials import leave_credentials


async def test_a_deleted_session_leaves_no_row_folder_or_connector(front: Front) -> None:
    await front.create()
    front.folder.logs.mkdir()
    (front.folder.logs / "connector-shop.log.1").touch()
    (front.folder.logs / "connector-shop2.log").touch()
    assert (await front.client.delete("/sessions/shop")).status == 204
    assert [file.name for file in front.folder.logs.iterdir()] == ["connector-shop2.log"]
    assert (await front.get("/sessions/shop")).status == 404
    assert front.supervisor.connectors == {}
    assert not front.folder.session("shop").path.exists()


async def test_a_paired_session_is_logged_out_when_it_is_deleted(front: Front) -> None:
    await front.pair()
    assert (await front.client.delete("/sessions/shop")).status == 204
    assert front.whatsapp.paired == {}


async def test_a_session_that_was_scanned_while_nobody_heard_of_it_is_logged_out_when_it_is_deleted(
    front: Front,
) -> None:
    await front.create()
    leave_credentials(front.folder.session("shop").path, linked=True)
    front.whatsapp.paired["shop"] = "15551234567"
    assert (await front.client.delete("/sessions/shop")).status == 204
    assert front.whatsapp.paired == {}


async def test_an_id_can_be_created_and_deleted_a_hundred_times_in_a_row(front: Front) -> None:
    for _ in range(100):
        await front.create()
        assert (await front.client.delete("/sessions/shop")).status == 204
    assert front.supervisor.connectors == {}


async def test_other_sessions_are_read_while_a_folder_is_removed(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    await front.create("other")
    await front.create()
    is_removing, goes_on = threading.Event(), threading.Event()
    remove = shutil.rmtree

    def slow(path: Path) -> None:
        is_removing.set()
        assert goes_on.wait(30), "the event loop stood still"
        remove(path)

    monkeypatch.setattr(shutil, "rmtree", slow)
    deleting = asyncio.create_task(front.client.delete("/sessions/shop"))
    await asyncio.to_thread(is_removing.wait, 30)
    assert (await front.read("other"))["status"] == "qr_waiting"
    goes_on.set()
    assert (await deleting).status == 204
