"""A paired account whose credentials are lost or damaged is told as such, and never has to scan for it."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from server.cli.doctor.finding import Verdict
from server.cli.doctor.stored_sessions import check_credentials
from tests.support.motte import Motte
from tests.support.phones import ANN, Phones


def database(motte: Motte) -> Path:
    return motte.folder.session("shop").path / "connector.db"


def lose_the_file(file: Path) -> None:
    for part in file.parent.glob("connector.db*"):
        part.unlink()


def lose_the_folder(file: Path) -> None:
    shutil.rmtree(file.parent)


async def saved(motte: Motte) -> bytes:
    """A copy of the credentials, made while the session was stopped."""
    await motte.tell("shop", "stop")
    copy = database(motte).read_bytes()
    await motte.tell("shop", "start")
    await motte.until("connected")
    return copy


@pytest.mark.parametrize("lose", [lose_the_file, lose_the_folder])
async def test_lost_credentials_fail_the_session_and_only_a_restart_that_forgets_shows_a_code(
    motte: Motte, phones: Phones, lose: Callable[[Path], None]
) -> None:
    await motte.connect()
    lose(database(motte))
    await motte.kill()
    failed = await motte.until("failed")
    assert failed["statusReason"]["code"] == "credentials-lost"
    assert failed["phoneNumber"] == ANN
    assert (await motte.read())["qrCode"] is None
    assert check_credentials(motte.folder).verdict is Verdict.WRONG
    assert await phones.counts() == (1, 1)

    for verb in ("start", "restart"):
        problem = (await motte.ask("POST", f"/sessions/shop/{verb}")).problem(409, "conflicting-state")
        assert '{"forget": true}' in problem["detail"]
        assert problem["session"]["statusReason"]["code"] == "credentials-lost"
    assert await phones.counts() == (1, 1)

    assert (await motte.tell("shop", "restart", forget=True))["qrCode"] is not None
    assert await phones.counts() == (2, 1)


async def test_credentials_that_are_put_back_connect_without_a_scan(motte: Motte, phones: Phones) -> None:
    await motte.connect()
    copy = await saved(motte)
    lose_the_file(database(motte))
    await motte.kill()
    await motte.until("failed")

    lose_the_file(database(motte))
    database(motte).write_bytes(copy)
    answer = await motte.tell("shop", "restart")
    assert (answer["status"], answer["phoneNumber"]) == ("connected", ANN)
    assert (await phones.counts())[0] == 1


async def test_damaged_credentials_fail_the_session_and_are_left_alone(motte: Motte, phones: Phones) -> None:
    await motte.connect()
    await motte.tell("shop", "stop")
    garbage = b"no database at all " * 1000
    database(motte).write_bytes(garbage)
    await motte.tell("shop", "start")
    failed = await motte.until("failed")
    assert failed["statusReason"]["code"] == "credentials-corrupted"
    assert database(motte).read_bytes() == garbage
    assert (await motte.programs())["shop"].tries == 0
    for verb in ("start", "restart"):
        problem = (await motte.ask("POST", f"/sessions/shop/{verb}")).problem(409, "conflicting-state")
        assert problem["session"]["statusReason"]["code"] == "credentials-corrupted"
    assert database(motte).read_bytes() == garbage
    assert await phones.counts() == (1, 1)


async def test_lost_credentials_are_found_when_everything_starts(motte: Motte, phones: Phones) -> None:
    await motte.connect()
    await asyncio.to_thread(motte.serve.stop)
    lose_the_folder(database(motte))
    await motte.ready()
    assert (await motte.until("failed"))["statusReason"]["code"] == "credentials-lost"
    assert await phones.counts() == (1, 1)


async def test_a_record_that_is_older_than_the_pairing_costs_no_pairing(motte: Motte, phones: Phones) -> None:
    session = await motte.create()
    await asyncio.to_thread(motte.serve.stop)
    older = motte.folder.database.read_bytes()
    await motte.ready()
    session = await motte.read()
    await phones.scan(session["qrCode"])
    await motte.until("connected")
    registrations, _ = await phones.counts()
    await asyncio.to_thread(motte.serve.stop)
    motte.folder.database.write_bytes(older)
    await motte.ready()
    await motte.until("connected")
    assert (await phones.counts())[0] == registrations


async def test_a_device_that_is_unlinked_right_after_its_scan_is_logged_out_and_not_lost(
    motte: Motte, phones: Phones
) -> None:
    session = await motte.create()
    await phones.misbehave(hangHandshake=True)
    await phones.scan(session["qrCode"])
    await motte.until("pairing")
    await phones.unlink()
    await phones.misbehave()
    await phones.drop()
    assert (await motte.until("logged_out"))["statusReason"]["code"] == "removed-at-once"
    assert await phones.counts() == (1, 1)
