"""Which version a next login announces while WhatsApp refuses the one in use, on a turned clock."""

import pytest

from tests.api.conftest import Front, opened
from tests.api.whatsapp_version.links import (
    NEW,
    NEWER,
    NEWEST_VERSION,
    OLD,
    TEN_MINUTES,
    current,
    cut,
    known,
    link,
    refuse,
    settle,
    versions_of,
)
from tests.support.site import Site
from tests.support.supervisor import FakeSupervisor
from tests.support.time import TurnedTime, until

#: Seconds from a refusal to the session's own next login (tests/support/socket_peer.py).
OWN_NEXT_LOGIN = 4000.0


async def try_undecided(front: Front, page: Site, *, tries: str) -> None:
    """The site names a version. This session tries it, and WhatsApp does not answer."""
    front.whatsapp.held = []
    page.announces(NEWER)
    front.time.advance(TEN_MINUTES)
    await until(lambda: versions_of(front, tries)[-1] == NEW)


async def go_by(front: Front, seconds: float) -> None:
    """Time goes by, in steps that leave connectors time to hear of a version before they log in."""
    while seconds > 0:
        step = min(seconds, 4.0 if seconds < 60 else 60.0)
        front.time.advance(step)
        seconds -= step
        await settle(front)


@pytest.fixture
async def refused(front: Front, page: Site, time: TurnedTime) -> list[str]:
    """Paired sessions that were refused, with one login each."""
    names = ["a", "b"]
    await link(front, *names)
    await settle(front)
    await refuse(front, *names, below=NEW)
    return names


async def test_the_hourly_login_announces_a_version_that_another_session_still_tries(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await link(front, "a", "b")
    await settle(front)
    await refuse(front, "a", below=NEW)
    await go_by(front, 20)
    await refuse(front, "b", below=NEW)
    await go_by(front, OWN_NEXT_LOGIN - 15)
    assert versions_of(front, "a")[2:] == [OLD, OLD]
    assert versions_of(front, "b")[2:] == [OLD]
    front.whatsapp.held = []
    front.owner.versions._take_announced(NEWER)  # as a look-up does
    await until(lambda: versions_of(front, "a")[-1] == NEW)
    time.advance(11)
    await until(lambda: versions_of(front, "b")[2:] == [OLD, NEW])
    assert (len(front.whatsapp.held), current(front)) == (2, OLD)  # neither is decided


async def test_a_restart_by_a_caller_announces_a_version_that_another_session_still_tries(
    front: Front, page: Site, refused: list[str]
) -> None:
    await try_undecided(front, page, tries="a")
    assert versions_of(front, "b")[-1] == OLD
    front.whatsapp.held = None
    await front.ask("restart", "b")
    await front.until("connected", "b")
    assert versions_of(front, "b")[-2:] == [OLD, NEW]


async def test_a_link_that_is_lost_announces_a_version_that_another_session_still_tries(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await link(front, "a", "b")
    await settle(front)
    await refuse(front, "a", below=NEW)
    await try_undecided(front, page, tries="a")
    front.whatsapp.held = None
    await cut(front, "b", tries=NEW)
    await front.until("connected", "b")
    assert OLD not in versions_of(front, "b")[2:]


async def test_a_front_that_starts_has_each_session_announce_a_version_that_is_not_refused(
    front: Front, page: Site, time: TurnedTime, supervisor: FakeSupervisor, refused: list[str]
) -> None:
    await try_undecided(front, page, tries="a")
    await known(front, announced=NEWER)
    await front.stop()
    front.whatsapp.held = None
    async with opened(front.whole.settings, time, supervisor) as later:
        await until(lambda: later.owner.connectors.is_answered("b"))
        time.advance(10)
        await later.until("connected", "b")
        assert versions_of(front, "b")[-2:] == [OLD, NEW]
        assert current(later) == NEW


async def test_once_all_were_refused_the_hourly_login_announces_the_accepted_version_again(
    front: Front, page: Site, time: TurnedTime, refused: list[str]
) -> None:
    front.whatsapp.oldest_version = NEWEST_VERSION
    page.announces(NEWER)
    time.advance(TEN_MINUTES)
    await known(front, refused=[NEWER - 3_000_000, NEWER])
    [tried] = [name for name in refused if versions_of(front, name)[-1] == NEW]
    await go_by(front, OWN_NEXT_LOGIN)
    assert versions_of(front, tried)[-2:] == [NEW, OLD]
    for name in refused:  # registered and linked; its own refusal, perhaps a trial, and the next hour's login
        assert versions_of(front, name).count(OLD) == 4
