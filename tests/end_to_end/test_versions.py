"""The version of WhatsApp Web on real parts: looked up, tried by one link, followed by the others."""

import asyncio
import json
from typing import Any

import pytest

from server.whatsapp_version.revisions import BUILT_IN, version_of
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import Phones, Sandbox

NEWER, NEWEST = BUILT_IN + 100_000, BUILT_IN + 200_000

#: Each with a phone of its own.
PHONES = {"a": "15550000001", "b": "15550000002", "c": "15550000003"}


@pytest.fixture(scope="module")
def settings(sandbox: Sandbox) -> dict[str, str]:
    return {"MOTTE_WHATSAPP_VERSION": "", "MOTTE_WHATSAPP_VERSION_URL": sandbox.version_url}


async def look_up(motte: Motte) -> None:
    """Have the front ask the site now: one that starts does, unless the last look-up was just now."""
    file = motte.folder.whatsapp_version
    await motte.serve.ctl("stop", "front")
    known = json.loads(file.read_text())
    file.write_text(json.dumps(known | {"askedAt": None}))
    await motte.serve.ctl("start", "front")
    await motte.ready()


async def uses(motte: Motte, revision: int) -> dict[str, Any]:
    """What is shown of the version, once it is this one."""

    async def look() -> dict[str, Any] | None:
        shown = (await motte.ask("GET", "/connectors")).body["whatsappVersion"]
        return dict(shown) if shown["version"] == version_of(revision) else None

    return await eventually(look)


async def rejected(motte: Motte, session_id: str) -> None:
    """Return once the session waits for a version."""

    async def look() -> bool:
        session = await motte.look(session_id)
        assert session["status"] != "failed"
        code = session["statusReason"] and session["statusReason"]["code"]
        return (session["status"], code) == ("disconnected", "version-rejected")

    await eventually(look)


async def test_sessions_whose_version_is_refused_come_back_with_a_newer_one_and_without_a_scan(
    motte: Motte, phones: Phones
) -> None:
    await asyncio.gather(*(motte.connect(name, phone) for name, phone in PHONES.items()))
    await uses(motte, BUILT_IN)
    registrations, logins = await phones.counts()
    await phones.misbehave(minimumVersion=version_of(NEWEST))
    await phones.drop()
    await asyncio.gather(*(rejected(motte, name) for name in PHONES))
    assert await phones.counts() == (registrations, logins + 3)
    (await motte.post("d")).problem(502, "version-rejected")

    await phones.announce(NEWER)  # which WhatsApp refuses as well
    await look_up(motte)
    await asyncio.gather(*(rejected(motte, name) for name in PHONES))

    await phones.announce(NEWEST)
    await look_up(motte)
    await asyncio.gather(*(motte.until("connected", name) for name in PHONES))
    shown = await uses(motte, NEWEST)
    assert (shown["source"], shown["isRefused"], shown["ageDays"]) == ("announced", False, 0)
    # Each start of the front has a session try, and once more if it hears of a version after that.
    starts, tries = 2, 2
    now = await phones.counts()
    assert now[0] == registrations + 1  # that of d
    assert logins + 3 + 3 <= now[1] <= logins + 3 + 3 * starts * tries
    await motte.read("d")  # a code, at once
    assert (await phones.counts())[0] == registrations + 2


async def test_a_session_that_is_being_linked_tries_what_the_site_names(motte: Motte, phones: Phones) -> None:
    await motte.serve.ctl("stop", "front")
    motte.folder.whatsapp_version.unlink()
    await phones.announce(NEWER)
    await motte.serve.ctl("start", "front")
    await motte.ready()
    await eventually(lambda: announced(motte, NEWER))
    await phones.misbehave(minimumVersion=version_of(NEWER))
    await motte.connect()
    await uses(motte, NEWER)
    assert await phones.counts() == (1, 1)


async def announced(motte: Motte, revision: int) -> bool:
    """Whether the front has heard of it."""
    file = motte.folder.whatsapp_version
    return file.exists() and json.loads(file.read_text())["announced"] == revision
