"""A disk that is full, or a database that another process keeps: told as such, and over when it is over."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Generator
from contextlib import closing

import pytest

from tests.slow.disk import Disk, disk_of, on_own_disk
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import NotScanned, Phones, Sandbox
from tests.support.serve import Serve


@pytest.fixture(scope="module")
def serve(sandbox: Sandbox) -> Generator[Serve]:
    with on_own_disk(sandbox.settings) as serve:
        yield serve


@pytest.fixture
async def disk(motte: Motte) -> AsyncGenerator[Disk]:
    disk = disk_of(motte.folder)
    yield disk
    disk.clear()
    await motte.ready()


async def test_on_a_full_disk_what_writes_is_refused_and_what_reads_goes_on(
    motte: Motte, phones: Phones, disk: Disk
) -> None:
    await motte.connect("paired")
    disk.fill()
    await eventually(lambda: has_status(motte, "/readyz", 503))
    problem = (await motte.post("late")).problem(503, "store-unavailable")
    assert problem["retryable"] is True
    assert (await motte.ask("GET", "/healthz")).status == 200
    assert (await motte.look("paired"))["status"] == "connected"
    assert (await motte.ask("GET", "/sessions")).body["items"][0]["id"] == "paired"
    disk.clear()
    await eventually(lambda: has_status(motte, "/readyz", 200))
    answer = await motte.post("late")
    assert answer.status in (201, 409), answer.body
    await phones.scan((await motte.read("late"))["qrCode"], "15557654321")
    await motte.until("connected", "late")
    await motte.until("connected", "paired")  # its connector may have had something to write meanwhile


async def test_a_paired_account_whose_connector_starts_on_a_full_disk_waits_for_room(
    motte: Motte, phones: Phones, disk: Disk
) -> None:
    await motte.connect()
    disk.fill()
    await motte.kill()
    await eventually(lambda: is_exited(motte, 74))
    disk.clear()
    connected = await motte.until("connected")
    assert connected["statusReason"] is None
    assert (await phones.counts())[0] == 1


async def test_a_scan_that_cannot_be_saved_pairs_nobody_and_the_next_code_does(
    motte: Motte, phones: Phones, disk: Disk
) -> None:
    session = await motte.create()
    disk.fill()
    with pytest.raises(NotScanned):
        await phones.scan(session["qrCode"])
    assert (await phones.state())["devices"] == []
    disk.clear()
    await phones.scan(await eventually(lambda: code(motte)))
    await motte.until("connected")


async def test_a_create_while_another_process_writes_for_seconds_waits_and_reads_go_on(motte: Motte) -> None:
    await motte.create("first")
    with closing(sqlite3.connect(motte.folder.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        creating = asyncio.create_task(motte.post("second"))
        for _ in range(20):
            assert (await motte.look("first"))["status"] == "qr_waiting"
        assert not creating.done()
        other.execute("COMMIT")
    (await creating).session(201)


async def test_a_crowd_that_another_process_keeps_from_writing_is_told_in_one_time_out(motte: Motte) -> None:
    await motte.create("first")
    with closing(sqlite3.connect(motte.folder.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        begun = asyncio.get_running_loop().time()
        for answer in await asyncio.gather(*(motte.post(f"late-{number}") for number in range(10))):
            answer.problem(503, "store-unavailable")
        assert asyncio.get_running_loop().time() - begun < 20  # one after the other they would take 50
    (await motte.post("later")).session(201)


async def has_status(motte: Motte, path: str, status: int) -> bool:
    return (await motte.ask("GET", path)).status == status


async def is_exited(motte: Motte, code: int) -> bool:
    program = (await motte.programs()).get("shop")
    return program is not None and program.exit == code


async def code(motte: Motte) -> str | None:
    """A code that can be scanned, or None."""
    answer = await motte.get()
    return str(answer.body["qrCode"]) if answer.status == 200 and answer.body["qrCode"] else None
