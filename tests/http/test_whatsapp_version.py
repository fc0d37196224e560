"""Which version links announce, while WhatsApp refuses some, on a turned clock."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from server.config import Settings
from server.version_metrics import LOOK_UPS
from server.whatsapp_version.revisions import BUILT_IN, BUILT_IN_ON, version_of
from server.whatsapp_version.service import REJECTED
from tests.fakes.site import Site, site
from tests.fakes.supervisor import FakeSupervisor
from tests.fakes.time import TurnedTime, until
from tests.http.conftest import AT_ONCE, Front, opened

NEWER, NEWEST = BUILT_IN + 3_000_000, BUILT_IN + 3_500_000
OLD, NEW, NEWEST_VERSION = version_of(BUILT_IN), version_of(NEWER), version_of(NEWEST)

#: Of the site's look-ups, in seconds.
TEN_MINUTES, SIX_HOURS = 600.0, 21_600.0

#: How many paired sessions a refusal meets.
CROWD = 20


@pytest.fixture
async def page() -> AsyncGenerator[Site]:
    """WhatsApp's site, which announces the built-in version at first."""
    async with site() as found:
        found.announces(BUILT_IN)
        yield found


@pytest.fixture
def settings(tmp_path: Path, page: Site) -> Settings:
    return Settings(state=tmp_path, start_concurrency=AT_ONCE, whatsapp_version_url=page.url)


@pytest.fixture
def time(time: TurnedTime) -> TurnedTime:
    """Fifty days after the built-in version was built."""
    built = datetime.combine(BUILT_IN_ON, datetime.min.time(), UTC).timestamp()
    time.clock.step_wall(built + 50 * 86_400 - time.clock.wall() / 1000)
    return time


@pytest.fixture
async def front(settings: Settings, time: TurnedTime, supervisor: FakeSupervisor) -> AsyncGenerator[Front]:
    async with opened(settings, time, supervisor) as front:
        yield front


async def link(front: Front, *names: str) -> None:
    """Paired sessions that are connected."""
    for number, name in enumerate(names):
        await front.create(name)
        connector = front.connector(name)
        connector.scan(f"1555{number:07}")
        connector.restart()
        await front.until("connected", name)


async def asked(page: Site, times: int) -> None:
    """Return once the site was asked so often, and the answer was taken in."""
    await until(lambda: page.asked >= times)


async def known(front: Front, **wanted: object) -> None:
    """Return once the file says this."""

    def says() -> bool:
        found = json.loads(front.folder.whatsapp_version.read_text())
        return all(found.get(name) == value for name, value in wanted.items())

    await until(lambda: front.folder.whatsapp_version.exists() and says())


async def rejected(front: Front, name: str) -> None:
    """Return once the session is disconnected because its version was refused."""
    with front.owner.changes.listen(name) as news:
        session = await front.row(name)
        while session.reason is None or session.reason.code != REJECTED:
            change = await anext(aiter(news))
            assert change.session is not None
            session = change.session
    assert session.status == "disconnected"


async def settle(front: Front, page: Site) -> None:
    """Return once all that was due has happened: look-ups are taken in, trials decided, connectors told."""
    await asyncio.sleep(0.02)
    versions = front.owner.versions
    taken = front.whole.metrics.registry.get_sample_value
    name = "motte_whatsapp_version_lookups_total"
    await until(
        lambda: (
            page.asked == sum(taken(name, {"result": result}) or 0 for result in LOOK_UPS)
            and versions._trial is None
            and not versions._untold
        )
    )


def versions_of(front: Front, name: str) -> list[str | None]:
    """What the session's links announced, in order."""
    return [version for session_id, version in front.whatsapp.opened_with if session_id == name]


def current(front: Front) -> str:
    return front.owner.versions.in_use().version


async def connected(front: Front, name: str) -> None:
    await until(lambda: front.connector(name).has_socket and front.connector(name)._phase == "open")


async def test_links_announce_the_built_in_version_until_a_newer_one_is_known(
    front: Front, page: Site
) -> None:
    await link(front, "a")
    assert set(versions_of(front, "a")) == {OLD}


async def test_one_link_tries_a_new_version_and_the_others_follow_once_it_is_accepted(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await link(front, "a", "b", "c")
    page.announces(NEWER)
    time.advance(SIX_HOURS)
    await known(front, announced=NEWER)
    assert current(front) == OLD
    front.connector("b").lose()  # the next link that is opened
    await until(lambda: front.connector("b")._version == NEW)
    assert front.connector("a")._version == front.connector("c")._version == OLD
    time.advance(1)
    await until(lambda: current(front) == NEW)
    await until(lambda: front.connector("a")._version == front.connector("c")._version == NEW)
    assert front.whatsapp.logins == 4  # nobody else was disturbed
    assert versions_of(front, "b")[-1] == NEW


async def test_a_looked_up_version_that_is_refused_gives_way_to_the_accepted_one_at_once(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await link(front, "a", "b")
    page.announces(NEWER)
    time.advance(SIX_HOURS)
    await known(front, announced=NEWER)
    front.whatsapp.oldest_version = NEWEST_VERSION  # it takes none
    front.connector("a").lose()
    await until(lambda: front.connector("a")._version == NEW)
    time.advance(1)
    await until(lambda: versions_of(front, "a")[-1] == NEW)
    front.whatsapp.oldest_version = None
    await connected(front, "a")
    assert versions_of(front, "a")[-2:] == [NEW, OLD]
    front.connector("b").lose()
    time.advance(1)
    await connected(front, "b")
    assert versions_of(front, "b")[-1] == OLD  # the refused one is not tried again


async def test_an_hour_of_405_costs_two_logins_each_and_ends_within_a_minute_of_a_version_that_is_accepted(
    front: Front, page: Site, time: TurnedTime
) -> None:
    names = [f"s{number}" for number in range(CROWD)]
    await link(front, *names)
    await asked(page, 1)
    before = front.whatsapp.logins
    front.whatsapp.oldest_version = NEWEST_VERSION
    for name in names:
        front.connector(name).lose()
    time.advance(1)
    await until(lambda: front.whatsapp.logins == before + CROWD)
    for name in names:
        await rejected(front, name)
    page.announces(NEWER)  # which WhatsApp refuses as well
    for minute in range(58):
        if minute == 30:
            page.announces(NEWER + 1)
        time.advance(60)
        await settle(front, page)
    assert page.asked <= 8
    refused = Counter(
        name for name, version in front.whatsapp.opened_with[-(front.whatsapp.logins - before) :]
    )
    assert max(refused.values()) <= 2
    assert sum(refused.values()) == CROWD + 2  # each of the two candidates was tried by one session
    assert {name for name in names if front.connector(name).has_socket} == set()
    page.announces(NEWEST)
    asked_before = page.asked
    seconds = 0
    while page.asked == asked_before:
        time.advance(10)
        await settle(front, page)
    while any(front.connector(name)._phase != "open" for name in names):
        time.advance(1)
        seconds += 1
        assert seconds <= 60
        await settle(front, page)
    assert current(front) == NEWEST_VERSION
    assert (
        max(
            Counter(
                name for name, version in front.whatsapp.opened_with if version == NEWEST_VERSION
            ).values()
        )
        == 1
    )
    assert front.whatsapp.registrations == CROWD  # no scan
