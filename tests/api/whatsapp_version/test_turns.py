"""Whose turn it is to try a version: one session at a time, and never one that cannot."""

import asyncio

from store.records.reason import Reason
from tests.api.conftest import Front
from tests.api.whatsapp_version.links import (
    NEW,
    NEWER,
    OLD,
    TEN_MINUTES,
    announce,
    current,
    cut,
    known,
    link,
    refuse,
    rejected,
    versions_of,
)
from tests.support.site import Site
from tests.support.time import TurnedTime, until


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
