"""A fleet whose version WhatsApp refuses, in real time, with a front that asks the site every few seconds."""

import asyncio
import sys
from collections.abc import AsyncGenerator
from time import monotonic

import pytest

from server.whatsapp_version.revisions import BUILT_IN, version_of
from tests.slow.second import SecondFront
from tests.support.eventually import eventually
from tests.support.motte import Motte
from tests.support.phones import Phones, Sandbox
from tests.support.serve import Serve

#: How many paired sessions there are, each with a phone of its own.
FLEET = {f"s{number}": f"1555000{number:04}" for number in range(20)}

#: What the site names, one after the other; WhatsApp accepts the last one alone.
REFUSED, ACCEPTED = (BUILT_IN + 100_000, BUILT_IN + 200_000), BUILT_IN + 300_000

#: Seconds that WhatsApp refuses every version that there is.
REFUSES_FOR = 40.0

#: Seconds within which all are back once the site names a version that is accepted.
BACK_WITHIN = 60.0


@pytest.fixture(scope="module")
def settings(sandbox: Sandbox) -> dict[str, str]:
    return {"MOTTE_WHATSAPP_VERSION": "", "MOTTE_WHATSAPP_VERSION_URL": sandbox.version_url}


@pytest.fixture
async def front(serve: Serve, motte: Motte) -> AsyncGenerator[SecondFront]:
    """It owns the pipes, in the place of one that asks every few hours."""
    async with SecondFront.beside(serve, "tests.slow.paced_front") as front:
        await serve.ctl("stop", "front")
        await front.says("owning")
        await eventually(lambda: is_announced_by(front, serve))
        yield front
        await serve.ctl("start", "front")


async def test_twenty_sessions_are_refused_twice_at_most_and_are_back_within_a_minute_without_a_scan(
    front: SecondFront, motte: Motte, phones: Phones
) -> None:
    for name, phone in FLEET.items():
        await motte.connect(name, phone)
    registrations, logins = await phones.counts()
    await phones.misbehave(minimumVersion=version_of(ACCEPTED))
    began = monotonic()
    await phones.drop()
    await eventually(lambda: all_are(motte, "disconnected"), within=60)
    for revision in REFUSED:
        await phones.announce(revision)
        await asyncio.sleep(max(REFUSES_FOR / 2, began + REFUSES_FOR / 2 - monotonic()))
    assert all(session["status"] == "disconnected" for session in await sessions(motte))
    refused = (await phones.counts())[1] - logins
    await phones.announce(ACCEPTED)
    named = monotonic()
    await eventually(lambda: all_are(motte, "connected"), within=BACK_WITHIN, every=0.2)
    back = monotonic() - named
    after = await phones.counts()
    sys.stdout.write(
        f"{refused} logins were refused in {named - began:.0f} s; all were back after {back:.1f} s\n"
    )
    assert len(FLEET) <= refused <= len(FLEET) + len(REFUSED)  # each its own, and one for each trial
    assert after == (registrations, logins + refused + len(FLEET))


async def sessions(motte: Motte) -> list[dict[str, str]]:
    return list((await motte.ask("GET", "/sessions", params={"limit": "200"})).body["items"])


async def all_are(motte: Motte, status: str) -> bool:
    return all(session["status"] == status for session in await sessions(motte))


async def is_announced_by(front: SecondFront, serve: Serve) -> bool:
    return serve.url() == front.url
