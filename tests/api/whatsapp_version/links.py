"""What tests of WhatsApp's version do with a front that looks it up, on a turned clock."""

import asyncio
import json

from server.whatsapp_version.revisions import BUILT_IN, version_of
from server.whatsapp_version.service import REJECTED
from tests.api.conftest import Front
from tests.support.site import Site
from tests.support.time import patience, until

NEWER, NEWEST = BUILT_IN + 3_000_000, BUILT_IN + 3_500_000
OLD, NEW, NEWEST_VERSION = version_of(BUILT_IN), version_of(NEWER), version_of(NEWEST)

#: Of the site's look-ups, in seconds.
TEN_MINUTES, SIX_HOURS = 600.0, 21_600.0


async def link(front: Front, *names: str) -> None:
    """Paired sessions that are connected."""
    for number, name in enumerate(names):
        await front.create(name)
        connector = front.connector(name)
        connector.scan(f"1555{number:07}")
        connector.restart()
        await front.until("connected", name)


async def known(front: Front, **wanted: object) -> None:
    """Return once the file says this."""

    def says() -> bool:
        found = json.loads(front.folder.whatsapp_version.read_text())
        return all(found.get(name) == value for name, value in wanted.items())

    await until(lambda: front.folder.whatsapp_version.exists() and says())


async def announce(front: Front, page: Site, revision: int) -> None:
    """The site names a revision, and the front looks it up."""
    page.announces(revision)
    front.time.advance(SIX_HOURS)
    await known(front, announced=revision)


async def refuse(front: Front, *names: str, below: str) -> None:
    """WhatsApp takes no version below this one, and these sessions wait for one."""
    front.whatsapp.oldest_version = below
    for name in names:
        await cut(front, name)
        await rejected(front, name)


async def rejected(front: Front, name: str) -> None:
    """Return once the session is disconnected because its version was refused."""
    with front.owner.subscriptions.subscribe(name) as subscription:
        session = await front.row(name)
        async with patience(f"{name} with the reason {REJECTED}"):
            while session.reason is None or session.reason.code != REJECTED:
                change = await subscription.next()
                assert change.session is not None
                session = change.session
    assert session.status == "disconnected"


async def settle(front: Front) -> None:
    """Return once all that was due has happened: look-ups are taken in, trials decided, connectors told."""
    await asyncio.sleep(0.02)
    versions = front.owner.versions
    await until(lambda: not versions.is_busy)


def versions_of(front: Front, name: str) -> list[str | None]:
    """What the session's links announced, in order."""
    return [version for session_id, version in front.whatsapp.opened_with if session_id == name]


def current(front: Front) -> str:
    return front.owner.versions.in_use().version


async def connected(front: Front, name: str) -> None:
    """Return once the session has a link, whatever the front knows."""
    await until(lambda: is_open(front, name))


def is_open(front: Front, name: str) -> bool:
    connector = front.supervisor.connectors.get(name)
    return connector is not None and connector.has_socket and connector._phase == "open"


async def cut(front: Front, name: str, *, tries: str | None = None) -> None:
    """The session's link is lost, and opened again. tries: what it is to announce then."""
    front.connector(name).lose()
    if tries is not None:
        await until(lambda: front.connector(name)._version == tries)
    front.time.advance(1)
