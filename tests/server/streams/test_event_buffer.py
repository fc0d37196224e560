"""What happened to the sessions, kept for a while."""

import asyncio
from dataclasses import replace

import pytest

from server.core.errors import ShuttingDown
from server.streams.event_buffer import EventBuffer, Kind, Lost
from store.records.reason import Reason
from store.records.sessions import Qr, Session, Status

CODE = Qr(
    payload="one", ordinal=1, epoch=1, issued_at=0, expires_at=60, shown_expires_at=60_000, boot_id="boot-1"
)
SHOP = Session(id="shop", status=Status.STARTING, created_at=1, updated_at=1)


def told(feed: EventBuffer, number: int = 0) -> list[tuple[Kind, str]]:
    return [(entry.kind, entry.session_id) for entry in feed.since(number)]


def test_a_session_that_is_new_has_a_status_to_tell() -> None:
    feed = EventBuffer()
    feed.see("shop", SHOP)
    assert told(feed) == [(Kind.STATUS, "shop")]


def test_a_first_code_tells_of_the_status_and_of_the_code() -> None:
    feed = EventBuffer([SHOP])
    feed.see("shop", replace(SHOP, status=Status.QR_WAITING, qr=CODE))
    assert told(feed) == [(Kind.STATUS, "shop"), (Kind.QR, "shop")]


def test_a_next_code_tells_of_the_code_alone() -> None:
    waiting = replace(SHOP, status=Status.QR_WAITING, qr=CODE)
    feed = EventBuffer([waiting])
    feed.see("shop", replace(waiting, qr=replace(CODE, payload="two", ordinal=2), updated_at=2))
    assert told(feed) == [(Kind.QR, "shop")]


def test_a_code_that_dies_and_has_no_next_one_is_told_once_with_the_status() -> None:
    waiting = replace(SHOP, status=Status.QR_WAITING, qr=CODE)
    feed = EventBuffer([waiting])
    for _ in range(2):
        feed.see("shop", replace(waiting, qr=None))
    assert told(feed) == [(Kind.STATUS, "shop")]


def test_a_code_that_is_scanned_is_told_once_with_the_status() -> None:
    waiting = replace(SHOP, status=Status.QR_WAITING, qr=CODE)
    feed = EventBuffer([waiting])
    feed.see("shop", replace(waiting, status=Status.PAIRING, qr=None))
    assert told(feed) == [(Kind.STATUS, "shop")]


@pytest.mark.parametrize(
    "change", [{"reason": Reason("asked", "why")}, {"name": "The shop"}, {"phone_number": "1555"}]
)
def test_what_callers_see_is_told(change: dict[str, object]) -> None:
    feed = EventBuffer([SHOP])
    feed.see("shop", replace(SHOP, **change))  # type: ignore[arg-type]
    assert told(feed) == [(Kind.STATUS, "shop")]


@pytest.mark.parametrize("change", [{}, {"epoch": 2}, {"have": 7}, {"updated_at": 9}])
def test_what_callers_do_not_see_is_not_told(change: dict[str, int]) -> None:
    feed = EventBuffer([SHOP])
    feed.see("shop", replace(SHOP, **change))  # type: ignore[arg-type]
    assert told(feed) == []


def test_a_session_that_was_deleted_and_made_anew_is_told_as_both() -> None:
    feed = EventBuffer([SHOP])
    feed.see("shop", replace(SHOP, created_at=2))
    assert told(feed) == [(Kind.DELETED, "shop"), (Kind.STATUS, "shop")]


def test_of_all_sessions_that_there_are_the_missing_ones_were_deleted() -> None:
    feed = EventBuffer([SHOP, replace(SHOP, id="cafe")])
    feed.see_all([replace(SHOP, status=Status.STOPPED), replace(SHOP, id="kiosk")])
    assert sorted(told(feed)) == [
        (Kind.DELETED, "cafe"),
        (Kind.STATUS, "kiosk"),
        (Kind.STATUS, "shop"),
    ]


def test_what_is_no_longer_kept_is_lost() -> None:
    feed = EventBuffer(kept=2)
    for name in ("a", "b", "c"):
        feed.see(name, replace(SHOP, id=name))
    assert told(feed, 1) == [(Kind.STATUS, "b"), (Kind.STATUS, "c")]
    assert told(feed, 3) == []
    for number in (0, 4):
        with pytest.raises(Lost):
            feed.since(number)


async def test_all_followers_are_woken_by_what_happens() -> None:
    feed = EventBuffer()
    followers = [asyncio.ensure_future(feed.more(0)) for _ in range(3)]
    await asyncio.sleep(0)
    feed.see("shop", SHOP)
    for entries in await asyncio.gather(*followers):
        assert [entry.number for entry in entries] == [1]


async def test_a_feed_that_is_closed_ends_every_wait() -> None:
    feed = EventBuffer()
    waiting = asyncio.ensure_future(feed.more(0))
    await asyncio.sleep(0)
    feed.close(ShuttingDown())
    for wait in (waiting, feed.more(0)):
        with pytest.raises(ShuttingDown):
            await wait


def test_it_is_followed_while_anybody_follows() -> None:
    feed = EventBuffer()
    with feed.followed():
        with feed.followed():
            assert feed.is_followed.is_set()
        assert feed.is_followed.is_set()
    assert not feed.is_followed.is_set()
