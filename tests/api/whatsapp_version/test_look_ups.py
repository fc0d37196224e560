"""When a front asks WhatsApp's site, what it does with a bad answer, and what it keeps."""

import gzip
import json
import logging
import stat
from collections.abc import AsyncGenerator
from dataclasses import replace

import pytest

from server.core.settings.model import Settings
from server.whatsapp_version.revisions import BUILT_IN, version_of
from tests.api.conftest import Front, opened
from tests.api.scrape import value
from tests.api.whatsapp_version.links import (
    NEW,
    NEWER,
    OLD,
    SIX_HOURS,
    TEN_MINUTES,
    announce,
    current,
    cut,
    known,
    link,
    refuse,
    settle,
)
from tests.support.site import Answer, Site, text, worker
from tests.support.supervisor import FakeSupervisor
from tests.support.time import TurnedTime, until

LOOK_UPS = "motte_whatsapp_version_lookups_total"

#: More than the fifty days since the built-in version can have brought.
TOO_NEW = BUILT_IN + 200_000 * 50 + 1_000_000


@pytest.mark.parametrize(
    ("answer", "result"),
    [
        (text("<html>nothing</html>"), "failed"),
        (text(""), "failed"),
        (text(worker('"abc"')), "failed"),
        (text(worker(-NEWER)), "failed"),
        (text(worker(f"{NEWER}.5")), "failed"),
        (text(worker("9" * 400)), "failed"),
        (text(worker(NEWER) + worker(NEWER + 1)), "failed"),
        (text(" " * 10_000_000 + worker(NEWER)), "failed"),
        (text(gzip.compress(bytes(20_000_000)), Content_Encoding="gzip"), "failed"),
        (text(worker(NEWER), status=302, Location="http://127.0.0.1:1/sw.js"), "failed"),
        (text("", status=400), "failed"),
        (text("", status=429), "failed"),
        (text(worker(NEWER), status=500), "failed"),
        (text(worker(BUILT_IN - 1)), "not_believed"),
        (text(worker(1)), "not_believed"),
        (text(worker(TOO_NEW)), "not_believed"),
        (text(worker(9_999_999_999)), "not_believed"),
    ],
)
async def test_a_bad_answer_is_a_line_in_the_log_and_the_old_version_stays(
    front: Front,
    page: Site,
    time: TurnedTime,
    caplog: pytest.LogCaptureFixture,
    answer: Answer,
    result: str,
) -> None:
    await settle(front)
    before = front.folder.whatsapp_version.read_bytes()
    page.serves(answer)
    with caplog.at_level(logging.WARNING, logger="server.whatsapp_version"):
        time.advance(SIX_HOURS)
        await until(lambda: page.asked == 2)
        await settle(front)
    assert await value(front, LOOK_UPS, result=result) == 1
    assert len(caplog.records) == 1
    words = {"failed": "whatsapp_version_not_looked_up", "not_believed": "whatsapp_version_not_believed"}
    assert words[result] in caplog.text
    await front.create()
    assert front.whatsapp.opened_with == [("shop", OLD)]
    kept, earlier = json.loads(front.folder.whatsapp_version.read_bytes()), json.loads(before)
    assert {**kept, "askedAt": None} == {**earlier, "askedAt": None, "accepted": kept["accepted"]}


async def test_a_host_whose_clock_is_years_behind_believes_no_version_and_keeps_its_own(
    front: Front, page: Site, time: TurnedTime, caplog: pytest.LogCaptureFixture
) -> None:
    await settle(front)
    page.announces(NEWER)
    time.clock.step_wall(-3 * 365 * 86_400)
    time.advance(SIX_HOURS)
    await until(lambda: page.asked == 2)
    await settle(front)
    assert await value(front, LOOK_UPS, result="not_believed") == 1
    assert f"version={NEW} above={OLD} most=2.3000.8" in caplog.text
    assert (current(front), await value(front, "motte_whatsapp_version_age_days")) == (OLD, 0)


async def test_a_version_that_was_accepted_stays_while_the_site_is_away(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await link(front, "a")
    await announce(front, page, NEWER)
    await cut(front, "a", tries=NEW)
    await until(lambda: current(front) == NEW)
    page.serves(text("", status=503))
    for _ in range(20):
        time.advance(SIX_HOURS)
        await settle(front)
    assert current(front) == NEW


async def test_the_site_is_asked_at_the_start_and_every_six_hours(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await settle(front)
    assert page.asked == 1
    time.advance(SIX_HOURS - 60)
    await settle(front)
    assert page.asked == 1
    time.advance(60)
    await until(lambda: page.asked == 2)


async def test_refusals_lead_to_one_look_up_in_ten_minutes_at_most(
    front: Front, page: Site, time: TurnedTime
) -> None:
    await link(front, "a", "b", "c")
    time.advance(TEN_MINUTES)
    await settle(front)
    await refuse(front, "a", "b", "c", below=NEW)
    await until(lambda: page.asked == 2)
    for _ in range(9):
        time.advance(60)
        await settle(front)
        assert page.asked == 2
    time.advance(60)
    await until(lambda: page.asked == 3)


async def test_failures_make_the_pauses_longer(front: Front, page: Site, time: TurnedTime) -> None:
    await settle(front)
    page.serves(text("", status=429))
    time.advance(SIX_HOURS)
    asked = []
    for _ in range(72):  # half a day
        time.advance(TEN_MINUTES)
        await settle(front)
        asked.append(page.asked)
    # After 10, 20, 40, 80, 160 and 320 minutes.
    assert asked[-1] <= 2 + 7
    assert asked[-1] > 2 + 4


async def test_a_front_that_starts_again_and_again_asks_once_in_ten_minutes(
    settings: Settings, page: Site, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    for _ in range(4):
        async with opened(settings, time, supervisor) as front:
            await known(front, askedAt=time.clock.wall())
    assert page.asked == 1
    time.advance(TEN_MINUTES)
    async with opened(settings, time, supervisor) as front:
        await until(lambda: page.asked == 2)


async def test_a_clock_that_was_set_back_keeps_no_front_from_asking(
    settings: Settings, page: Site, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    async with opened(settings, time, supervisor) as front:
        await settle(front)
    time.clock.step_wall(-86_400)
    async with opened(settings, time, supervisor):
        await until(lambda: page.asked == 2)


async def test_the_file_is_its_owners_alone_and_one_that_is_damaged_is_like_none(
    settings: Settings,
    page: Site,
    time: TurnedTime,
    supervisor: FakeSupervisor,
    caplog: pytest.LogCaptureFixture,
) -> None:
    too_long = b'{"site": "%s", "current": 10000000000}' % page.url.encode()
    for content in (b"", b"{", b"[]", b"\xff", b'{"refused": "all"}', b"{}" * 100_000, too_long, b"{}"):
        async with opened(settings, time, supervisor) as front:
            await until(front.folder.whatsapp_version.exists)
            assert stat.S_IMODE(front.folder.whatsapp_version.stat().st_mode) == 0o600
            assert current(front) == OLD
        front.folder.whatsapp_version.write_bytes(content)
    assert caplog.text.count("event=whatsapp_version_not_read") == 7


async def test_a_file_that_cannot_be_written_stops_nothing(
    settings: Settings, page: Site, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    draft = settings.state / "whatsapp-version.json.new"
    draft.mkdir()
    (draft / "in the way").touch()
    async with opened(settings, time, supervisor) as front:
        await link(front, "a")
        page.announces(NEWER)
        time.advance(SIX_HOURS)
        await until(lambda: front.owner.versions._state.candidate == NEWER)
        await cut(front, "a", tries=NEW)
        await until(lambda: current(front) == NEW)


async def test_what_another_site_said_counts_for_nothing(
    settings: Settings, page: Site, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    async with opened(settings, time, supervisor) as front:
        await link(front, "a")
        await announce(front, page, NEWER)
        await cut(front, "a", tries=NEW)
        await known(front, current=NEWER)
    elsewhere = replace(settings, whatsapp_version_url=page.url + "?elsewhere")
    async with opened(elsewhere, time, supervisor) as front:
        assert current(front) == OLD


@pytest.mark.parametrize(
    ("change", "version", "source"),
    [
        ({"whatsapp_version": "builtin"}, OLD, "built-in"),
        ({"whatsapp_version": "2.3000.1035194821"}, "2.3000.1035194821", "setting"),
        ({"whatsapp_version": "2.2413.51"}, "2.2413.51", "setting"),
        ({"sandbox": True}, OLD, "built-in"),
        ({"sandbox": True, "whatsapp_version": "2.2413.51"}, "2.2413.51", "setting"),
        ({"whatsapp_version_url": None, "whatsapp_url": "ws://127.0.0.1:1/ws/chat"}, OLD, "built-in"),
    ],
)
async def test_nothing_is_looked_up_if_the_version_is_fixed_or_whatsapp_is_another(
    settings: Settings,
    page: Site,
    time: TurnedTime,
    supervisor: FakeSupervisor,
    change: dict[str, str],
    version: str,
    source: str,
) -> None:
    page.announces(NEWER)
    async with opened(replace(settings, **change), time, supervisor) as front:  # type: ignore[arg-type]
        await front.create()
        time.advance(2 * SIX_HOURS)
        shown = (await (await front.get("/connectors")).json())["whatsappVersion"]
        assert (shown["version"], shown["source"]) == (version, source)
        assert front.whatsapp.opened_with[0] == ("shop", version)
    assert page.asked == 0


@pytest.mark.parametrize(("is_sandbox", "days"), [(True, 0), (False, 250)])
async def test_a_version_grows_old_but_not_in_the_sandbox(
    settings: Settings, time: TurnedTime, supervisor: FakeSupervisor, is_sandbox: bool, days: int
) -> None:
    built_in = replace(settings, whatsapp_version="builtin", sandbox=is_sandbox)
    time.clock.step_wall(200 * 86_400)
    async with opened(built_in, time, supervisor) as front:
        shown = (await (await front.get("/connectors")).json())["whatsappVersion"]
        assert (shown["ageDays"], shown["isOld"]) == (days, days > 0)
        assert await value(front, "motte_whatsapp_version_age_days") == days


async def test_a_fixed_version_that_is_refused_is_shown_as_refused_until_it_is_accepted(
    settings: Settings, page: Site, time: TurnedTime, supervisor: FakeSupervisor
) -> None:
    fixed = replace(settings, whatsapp_version="2.3000.1035194821")
    async with opened(fixed, time, supervisor) as front:
        await link(front, "a")
        await refuse(front, "a", below=OLD)
        await until(lambda: front.owner.versions.in_use().is_refused)
        front.whatsapp.oldest_version = None
        time.advance(4000)
        await front.until("connected", "a")
        assert not front.owner.versions.in_use().is_refused


@pytest.fixture
async def other(
    front: Front, settings: Settings, time: TurnedTime, supervisor: FakeSupervisor
) -> AsyncGenerator[Front]:
    """A second front, which waits for the pipes."""
    async with opened(settings, time, supervisor) as other:
        yield other


async def test_a_front_without_the_pipes_shows_the_version_and_asks_nobody(
    front: Front, other: Front, page: Site, time: TurnedTime
) -> None:
    await link(front, "a")
    await announce(front, page, NEWER)
    await cut(front, "a", tries=NEW)
    await known(front, current=NEWER)
    shown = (await (await other.get("/connectors")).json())["whatsappVersion"]
    assert (shown["version"], shown["source"]) == (version_of(NEWER), "announced")
    assert page.asked == 2
