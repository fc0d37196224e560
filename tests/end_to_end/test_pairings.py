"""What a person or a program usually asks never loses a pairing; what does says so, and can be taken back."""

import re
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from server.connectors.credentials import is_linked
from server.core.clock import SystemClock
from store.sqlite.store import open_store
from tests.support.motte import Motte
from tests.support.phones import ANN, Phones
from tests.support.shell import page, printed, prompted, typed

BO = "15557654321"


async def devices(phones: Phones) -> list[str]:
    """The numbers of the accounts that have a linked device."""
    return sorted(device["phoneNumber"] for device in (await phones.state())["devices"])


async def failed(motte: Motte, phones: Phones) -> None:
    """A linked session that another process has taken over."""
    await motte.connect()
    await phones.misbehave(streamErrorOnLogin="conflict")
    await phones.drop()
    assert (await motte.until("failed"))["statusReason"]["code"] == "connection-replaced"
    await motte.asleep()


def trash(motte: Motte) -> list[Path]:
    return sorted(motte.folder.trash.glob("*"))


@pytest.mark.parametrize("verb", ["start", "restart"])
async def test_a_failed_session_is_tried_again_and_needs_no_scan(
    motte: Motte, phones: Phones, verb: str
) -> None:
    await failed(motte, phones)
    problem = (await motte.ask("POST", f"/sessions/shop/{verb}")).problem(409, "conflicting-state")
    assert "another process" in problem["detail"]
    await phones.misbehave()
    answer = await motte.tell("shop", verb)
    assert (answer["status"], answer["phoneNumber"]) == ("connected", ANN)
    assert (await phones.counts())[0] == 1
    assert trash(motte) == []


async def test_a_newer_mottes_record_is_left_alone_by_a_restart(motte: Motte, phones: Phones) -> None:
    await motte.connect()
    await motte.tell("shop", "stop")
    file = motte.folder.session("shop").path / "connector.db"
    with closing(sqlite3.connect(file)) as database:
        (schema,) = database.execute("PRAGMA user_version").fetchone()
        database.execute(f"PRAGMA user_version = {schema + 1}")
    await motte.tell("shop", "start")
    await motte.until("failed")
    problem = (await motte.ask("POST", "/sessions/shop/restart")).problem(409, "conflicting-state")
    assert problem["session"]["statusReason"]["code"] == "schema-newer"
    with closing(sqlite3.connect(file)) as database:
        database.execute(f"PRAGMA user_version = {schema}")
    assert (await motte.tell("shop", "restart"))["status"] == "connected"
    assert await devices(phones) == [ANN]


async def test_what_was_forgotten_is_put_back_as_the_docs_say(
    motte: Motte, phones: Phones, tmp_path: Path
) -> None:
    await motte.connect()
    forgotten = await motte.tell("shop", "restart", forget=True)
    assert (forgotten["status"], forgotten["phoneNumber"]) == ("qr_waiting", None)
    assert await devices(phones) == [ANN], "WhatsApp was told"
    (kept,) = trash(motte)
    assert (kept.stat().st_mode & 0o777, is_linked(kept)) == (0o700, True)

    lines = prompted(page("sessions.md").partition("## Put discarded credentials back")[2])
    told = "\n".join(lines).replace("~/.local/state/motte", str(motte.folder.path))
    told = re.sub(r"shop\.[0-9]{8}T[0-9]{6}Z", kept.name, told)
    assert kept.name in await printed(await typed(motte.serve, tmp_path, *told.splitlines()))
    assert (await motte.until("connected"))["phoneNumber"] == ANN
    assert trash(motte) == []
    shutil.rmtree(motte.folder.path / "shop.old")


async def test_what_was_forgotten_is_put_back_though_another_account_was_linked_meanwhile(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    await phones.scan((await motte.tell("shop", "restart", forget=True))["qrCode"], BO)
    await motte.until("connected")
    await motte.tell("shop", "logout")
    (kept,) = trash(motte)
    shutil.rmtree(motte.folder.session("shop").path)
    kept.rename(motte.folder.session("shop").path)
    answer = await motte.tell("shop", "restart")
    assert (answer["status"], answer["phoneNumber"]) == ("connected", ANN)
    assert await devices(phones) == [ANN]


async def test_a_create_keeps_the_credentials_of_a_session_that_the_database_does_not_know(
    motte: Motte, phones: Phones
) -> None:
    await motte.connect()
    await motte.tell("shop", "stop")
    await forget_row(motte)
    created = await motte.create()
    assert created["qrCode"] is not None
    (kept,) = trash(motte)
    await motte.tell("shop", "stop")
    shutil.rmtree(motte.folder.session("shop").path)
    kept.rename(motte.folder.session("shop").path)
    answer = await motte.tell("shop", "start")
    assert (answer["status"], answer["phoneNumber"]) == ("connected", ANN)
    assert await devices(phones) == [ANN]


async def forget_row(motte: Motte) -> None:
    """The database is older than the session."""
    async with open_store(motte.folder.database, boot_id=SystemClock().boot_id) as store:
        await store.sessions.delete("shop", token=None)
