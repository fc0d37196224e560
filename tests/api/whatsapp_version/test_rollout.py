"""Which version links announce, while WhatsApp refuses some, on a turned clock."""

import asyncio
import logging
from collections import Counter

import pytest

from server.protocol.events.link import Closed
from server.whatsapp_version.revisions import BUILT_IN
from server.whatsapp_version.service import REJECTED
from store.records.reason import Reason
from tests.api.conftest import Front, opened
from tests.api.scrape import samples
from tests.api.whatsapp_version.links import (
    NEW,
    NEWER,
    NEWEST,
    NEWEST_VERSION,
    OLD,
    TEN_MINUTES,
    announce,
    connected,
    current,
    cut,
    known,
    link,
    refuse,
    rejected,
    settle,
    versions_of,
)
from tests.support.site import Site
from tests.support.supervisor import FakeSupervisor
from tests.support.time import TurnedTime, until

#: How many paired sessions a refusal meets.
CROWD = 20


async def test_links_announce_the_built_in_version_until_a_newer_one_is_known(
    front: Front, page: Site
) -> None:
    await link(front, "a")
    assert set(versions_of(front, "a")) == {OLD}


async def test_one_link_tries_a_new_version_and_the_others_follow_once_it_is_accepted(
    front: Front, page: Site, time: TurnedTime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="server.whatsapp_version")
    await link(front, "a", "b", "c")
    await announce(front, page, NEWER)
    assert current(front) == OLD
    front.connector("b").lose()  # the next link that is opened
    await until(lambda: front.connector("b")._version == NEW)
    assert front.connector("a")._version == front.connector("c")._version == OLD
    time.advance(1)
    await until(lambda: current(front) == NEW)
    await until(lambda: front.connector("a")._version == front.connector("c")._version == NEW)
    assert front.whatsapp.logins == 4  # nobody else was disturbed
    assert versions_of(front, "b")[-1] == NEW
    changes = [line for line in caplog.messages if "whatsapp_version_changed" in line]
    assert changes == [f"event=whatsapp_version_changed from={OLD} to={NEW} source=announced"]


async def test_a_looked_up_version_that_is_refused_gives_way_to_the_accepted_one_at_once(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await link(front, "a", "b")
    await announce(front, page, NEWER)
    front.whatsapp.oldest_version = NEWEST_VERSION  # it takes none
    front.connector("a").lose()
    await until(lambda: front.connector("a")._version == NEW)
    time.advance(1)
    await until(lambda: versions_of(front, "a")[-1] == NEW)
    front.whatsapp.oldest_version = None
    await connected(front, "a")
    assert versions_of(front, "a")[-2:] == [NEW, OLD]
    await cut(front, "b")
    await connected(front, "b")
    assert versions_of(front, "b")[-1] == OLD  # the refused one is not tried again


async def test_an_hour_of_405_costs_two_logins_each_and_ends_within_a_minute_of_a_version_that_is_accepted(
    front: Front, page: Site, time: TurnedTime
) -> None:
    names = [f"s{number}" for number in range(CROWD)]
    await link(front, *names)
    await settle(front)
    before = front.whatsapp.logins
    front.whatsapp.oldest_version = NEWEST_VERSION
    for name in names:
        front.connector(name).lose()
    time.advance(1)
    await until(lambda: front.whatsapp.logins == before + CROWD)
    for name in names:
        await rejected(front, name)
    for minute in range(58):
        if minute % 10 == 0:
            page.announces(NEWER + minute)  # which WhatsApp refuses as well
        time.advance(60)
        await settle(front)
    assert page.asked <= 8
    refused = Counter(
        name for name, version in front.whatsapp.opened_with[-(front.whatsapp.logins - before) :]
    )
    assert max(refused.values()) <= 2
    candidates = {version for _, version in front.whatsapp.opened_with} - {OLD}
    assert len(candidates) >= 5
    assert sum(refused.values()) == CROWD + len(candidates)  # each of them was tried by one session
    assert {name for name in names if front.connector(name).has_socket} == set()
    page.announces(NEWEST)
    asked_before = page.asked
    seconds = 0
    while page.asked == asked_before:
        time.advance(10)
        await settle(front)
    while any(front.connector(name)._phase != "open" for name in names):
        time.advance(1)
        seconds += 1
        assert seconds <= 60
        await settle(front)
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


async def restart(front: Front, name: str) -> None:
    """The session's process is killed, and supervisord starts another."""
    starts = front.supervisor.starts[name]
    await front.supervisor.kill(name)
    front.time.advance(1)
    await until(lambda: front.supervisor.starts[name] > starts)
    await connected(front, name)


async def test_what_was_accepted_outlives_the_front(
    front: Front, page: Site, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    await link(front, "a")
    await announce(front, page, NEWER)
    await cut(front, "a", tries=NEW)
    await known(front, current=NEWER, accepted=[BUILT_IN, NEWER])
    asked = page.asked
    await front.stop()
    async with opened(front.whole.settings, time, supervisor) as later:
        assert current(later) == NEW
        await restart(later, "a")
        assert versions_of(later, "a")[-1] == NEW
    assert page.asked == asked  # the last look-up was less than ten minutes ago


async def test_a_candidate_that_was_refused_is_not_tried_by_the_next_front(
    front: Front, page: Site, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    await link(front, "a")
    await announce(front, page, NEWER)
    front.whatsapp.oldest_version = NEWEST_VERSION
    await cut(front, "a", tries=NEW)
    await known(front, refused=[NEWER])
    front.whatsapp.oldest_version = None
    await connected(front, "a")
    await front.stop()
    async with opened(front.whole.settings, time, supervisor) as later:
        await restart(later, "a")
        assert versions_of(later, "a")[-1] == OLD


async def test_a_front_that_starts_has_refused_sessions_try_again(
    front: Front, page: Site, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    await link(front, "a")
    await refuse(front, "a", below=NEW)
    await front.stop()
    front.whatsapp.oldest_version = None
    async with opened(front.whole.settings, time, supervisor) as later:
        await until(lambda: later.owner.connectors.is_answered("a"))
        time.advance(10)
        await later.until("connected", "a")
    assert versions_of(front, "a")[-2:] == [OLD, OLD]


async def test_a_session_that_waits_is_told_of_a_version_at_once_and_needs_no_scan(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await link(front, "a")
    time.advance(TEN_MINUTES)
    page.announces(NEWER)
    await refuse(front, "a", below=NEW)
    await front.until("connected", "a")  # the refusal led to a look-up, and that to another login
    assert versions_of(front, "a")[-2:] == [OLD, NEW]
    assert front.whatsapp.registrations == 1


async def test_a_version_that_the_site_takes_back_is_not_tried(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await link(front, "a")
    await announce(front, page, NEWER)
    await announce(front, page, BUILT_IN)
    await cut(front, "a")
    await settle(front)
    await connected(front, "a")
    assert versions_of(front, "a")[-1] == OLD


async def test_while_one_session_tries_a_version_the_others_that_wait_do_not(
    front: Front, page: Site, time: TurnedTime
) -> None:
    names = ["a", "b", "c"]
    await link(front, *names)
    await refuse(front, *names, below=NEW)
    front.whatsapp.held = []
    page.announces(NEWER)
    time.advance(TEN_MINUTES)
    await until(lambda: bool(front.whatsapp.held))
    await asyncio.sleep(0.2)  # in which the others could be told as well
    tried = [name for name, version in front.whatsapp.opened_with if version == NEW]
    assert len(tried) == 1
    (answer,), front.whatsapp.held = front.whatsapp.held, None
    answer()
    for name in names:
        await front.until("connected", name)
    assert front.whatsapp.opened_with.count((tried[0], NEW)) == 1


async def test_an_unpaired_session_whose_candidate_is_refused_gets_its_code_with_the_accepted_one(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await link(front, "a")
    await announce(front, page, NEWER)
    refuses = front.whatsapp.refuses
    front.whatsapp.refuses = lambda version: version == NEW or refuses(version)  # type: ignore[method-assign]
    created = await front.create("b")
    assert created["qrCode"] is not None
    assert versions_of(front, "b") == [NEW, OLD]
    assert current(front) == OLD


async def test_an_unpaired_session_proves_a_candidate_too(front: Front, page: Site, time: TurnedTime) -> None:
    await link(front, "a")
    await announce(front, page, NEWER)
    await front.create("b")
    await until(lambda: current(front) == NEW)
    assert versions_of(front, "b") == [NEW]


async def test_a_create_that_is_refused_for_its_version_succeeds_once_there_is_another(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await settle(front)
    front.whatsapp.oldest_version = NEW
    response = await front.client.post("/sessions", json={"id": "shop"})
    assert (response.status, (await response.json())["code"]) == (502, "version-rejected")
    assert response.headers["Retry-After"] == "60"
    again = await front.get("/sessions/shop")
    assert (again.status, front.whatsapp.registrations) == (502, 1)  # nothing is asked in the cool-down
    page.announces(NEWER)
    time.advance(TEN_MINUTES - 30)
    await settle(front)
    time.advance(30)
    await known(front, announced=NEWER)
    assert (await front.read())["qrCode"] is not None
    assert versions_of(front, "shop") == [OLD, NEW]


async def test_a_link_that_shows_nothing_gives_its_turn_to_another(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await link(front, "a", "b")
    front.whatsapp.oldest_version = NEW
    for name in ("a", "b"):
        front.connector(name).lose()
    time.advance(1)
    for name in ("a", "b"):
        await rejected(front, name)
    front.connector("a").deaf = True
    page.announces(NEWER)
    time.advance(TEN_MINUTES)
    await known(front, announced=NEWER)
    time.advance(21)
    await front.until("connected", "b")
    assert current(front) == NEW


async def test_a_connector_that_a_person_stopped_tries_nothing(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await link(front, "a", "b")
    await front.ask("stop", "a")
    await refuse(front, "b", below=NEW)
    page.announces(NEWER)
    time.advance(TEN_MINUTES)
    await front.until("connected", "b")
    assert versions_of(front, "a") == [OLD, OLD]


async def test_the_version_in_use_is_measured_and_shown(front: Front, page: Site, time: TurnedTime) -> None:
    await settle(front)
    found = {sample.name: sample for sample in await samples(front)}
    assert found["motte_whatsapp_version"].labels == {"version": OLD, "source": "built-in"}
    assert found["motte_whatsapp_version_age_days"].value == 50
    assert found["motte_whatsapp_version_refused"].value == 0
    shown = (await (await front.get("/connectors")).json())["whatsappVersion"]
    assert shown == {
        "version": OLD,
        "source": "built-in",
        "ageDays": 50,
        "isOld": False,
        "isRefused": False,
    }
    time.clock.step_wall(50 * 86_400)
    shown = (await (await front.get("/connectors")).json())["whatsappVersion"]
    assert (shown["ageDays"], shown["isOld"]) == (100, True)


async def test_an_announced_version_is_as_old_as_its_announcement_and_a_refusal_is_shown(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await link(front, "a")
    await announce(front, page, NEWER)
    await cut(front, "a", tries=NEW)
    await until(lambda: current(front) == NEW)
    time.clock.step_wall(3 * 86_400)
    await known(front, current=NEWER)
    shown = (await (await front.get("/connectors")).json())["whatsappVersion"]
    assert (shown["version"], shown["source"], shown["ageDays"]) == (NEW, "announced", 3)
    await refuse(front, "a", below=NEWEST_VERSION)
    await until(lambda: front.owner.versions.in_use().is_refused)
    assert page.asked > 1
    assert NEWEST > NEWER


async def test_a_session_that_an_older_motte_left_failed_comes_back(
    front: Front, page: Site, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    await link(front, "a")
    supervisor.connectors["a"].say_spooled(Closed, reason=Reason(REJECTED, "405"))  # and no version
    supervisor.connectors["a"].quit()
    await front.until("disconnected", "a")
    time.advance(1)
    await front.until("connected", "a")


async def test_a_session_that_waits_long_by_itself_keeps_no_other_from_trying(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await link(front, "a", "b")
    await announce(front, page, NEWER)
    restricted = Reason("account-restricted", "as the test wants it")
    front.connector("a")._close(restricted, retry_in=3 * 86_400.0)
    await front.until("disconnected", "a")
    await cut(front, "b", tries=NEW)
    await until(lambda: current(front) == NEW)


async def test_a_session_that_is_deleted_while_it_tries_a_version_gives_its_turn_to_another(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await link(front, "a", "b")
    await announce(front, page, NEWER)
    front.connector("a").lose()
    await until(lambda: front.connector("a")._version == NEW)
    assert (await front.client.delete("/sessions/a")).status == 204
    await cut(front, "b", tries=NEW)
    await until(lambda: current(front) == NEW)
