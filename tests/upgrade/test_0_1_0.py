"""What becomes of a state folder of version 0.1.0."""

import asyncio
import hashlib
import hmac
import sqlite3
import struct
import time
from base64 import urlsafe_b64encode
from collections.abc import AsyncGenerator
from contextlib import closing

import click
import pytest

from server.cli.serve.launch import SANDBOX_ROOT_KEY
from server.cli.serve.server_identity import check_servers
from server.connectors.credentials import SCHEMA
from server.core.paths import StateFolder
from server.core.settings.model import Settings
from store.sqlite.schema import MIGRATIONS
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import ANN, BO, Phones, Sandbox
from tests.support.serve import Serve
from tests.upgrade.earlier import READER, RELEASE_0_1_0, connector_database, make, name_server

#: Its messages are as old as the folder: with the default, retention would end the test some day.
SETTINGS = {"MOTTE_MESSAGE_RETENTION": "315360000"}


@pytest.fixture
async def upgraded() -> AsyncGenerator[Motte]:
    """This Motte on that folder, next to the sandbox that its account is linked with."""
    serve = Serve(SETTINGS)
    sandbox = Sandbox("--state", str(make(serve.folder, RELEASE_0_1_0)))
    name_server(serve.folder, "shop", SANDBOX_ROOT_KEY)
    serve.settings |= sandbox.settings
    try:
        async with Phones(sandbox.control_url) as phones, Motte.opened(serve, phones) as motte:
            yield motte
    finally:
        await asyncio.to_thread(serve.stop)
        serve.remove()
        sandbox.stop()


async def test_sessions_messages_keys_and_links_are_there_after_the_upgrade(upgraded: Motte) -> None:
    shop = await upgraded.until("connected")
    assert (shop["name"], shop["phoneNumber"], shop["pushName"]) == ("The shop", ANN, "Ann")
    assert shop["createdAt"] == "2026-11-30T08:50:52.901Z"
    assert await upgraded.phones.counts() == (0, 1)  # a login, and no scan

    assert await eventually(lambda: newest(upgraded, number=4)) == "Message 3"
    kept = [message["text"] for message in await upgraded.messages()]
    assert kept == [f"Message {number}" for number in range(4)]
    await upgraded.phones.send("Message 4", sender=BO)
    assert await eventually(lambda: newest(upgraded)) == "Message 4"

    statuses = {item["id"]: item["status"] for item in (await upgraded.ask("GET", "/sessions")).body["items"]}
    assert statuses["Cafe"] == "stopped"

    reader = {"Authorization": f"Bearer {READER}"}
    assert (await upgraded.get(headers=reader)).status == 200
    (await upgraded.post("other", headers=reader)).problem(403, "forbidden")

    page = await upgraded.ask("GET", f"/scan/{link_of_0_1_0(upgraded.folder)}", headers={"Authorization": ""})
    assert page.status == 200
    assert schemas(upgraded.folder) == (len(MIGRATIONS), SCHEMA)


async def newest(motte: Motte, number: int = 5) -> str | None:
    """The text of the newest message, once there are so many."""
    found = await motte.messages()
    return str(found[-1]["text"]) if len(found) >= number else None


def test_without_the_name_of_its_server_an_account_is_taken_for_whatsapps_own() -> None:
    """So the accounts of real folders connect, and those of sandbox folders have to be linked again."""
    serve = Serve({})
    make(serve.folder, RELEASE_0_1_0)
    check_servers(serve.folder, Settings(state=serve.folder.path))
    sandbox = Settings(state=serve.folder.path, whatsapp_root_key=SANDBOX_ROOT_KEY, sandbox=True)
    with pytest.raises(click.ClickException, match=r"linked with WhatsApp itself \(shop\).* --state "):
        check_servers(serve.folder, sandbox)
    assert schemas(serve.folder) == (6, 2)
    serve.remove()


def schemas(folder: StateFolder) -> tuple[int, int]:
    """Of the store, and of the connector's database of the linked session."""
    first, second = (
        _version(file) for file in (str(folder.database), str(connector_database(folder, "shop")))
    )
    return first, second


def _version(file: str) -> int:
    with closing(sqlite3.connect(file)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def link_of_0_1_0(folder: StateFolder) -> str:
    """A link to `new`, as version 0.1.0 wrote it, that is still valid."""
    created_at = 1796028657293
    body = struct.pack("!QQQ", created_at, 0, time.time_ns() // 1_000_000 + 600_000) + b"new"
    signature = hmac.digest(folder.link_key.read_bytes(), b"motte scan link 2\n" + body, hashlib.sha256)
    return urlsafe_b64encode(signature + body).decode().rstrip("=")
