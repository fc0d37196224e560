"""Which version links announce, while WhatsApp refuses some, on a turned clock."""

import logging
from collections import Counter

import pytest

from server.whatsapp_version.revisions import BUILT_IN
from tests.api.conftest import Front
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
