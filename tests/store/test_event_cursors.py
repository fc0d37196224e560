"""Cursors of the event log: each tells its number to its own log alone."""

from base64 import urlsafe_b64decode
from itertools import pairwise
from pathlib import Path

import pytest

from store.event_cursors import CURSOR_LENGTH, EventCursors
from store.records.events import NewEvent
from store.records.messages import Message
from store.sqlite.store import SqliteStore, open_store
from tests.store.event_samples import happened, log
from tests.store.samples import session


def reported(message: Message) -> NewEvent:
    return happened(message.id, kind="message.status")


async def test_cursors_of_the_log_survive_a_restart_and_those_before_a_restore_mean_nothing(
    path: Path,
) -> None:
    async with open_store(path, boot_id="boot-1") as store:
        await store.sessions.add(session())
        await log(store, "shop", happened(), happened())
        before = await store.events.after(0, limit=10)
        name = await store.events.log_id()
    async with open_store(path, boot_id="boot-1") as store:
        assert [await store.events.number(event.cursor) for event in before] == [1, 2]
        assert await store.events.log_id() == name

        await store.forget_transient(resends=False, now=1, report=reported)

        assert await store.events.log_id() != name
        assert [await store.events.number(event.cursor) for event in before] == [None, None]
        assert await store.events.after(0, limit=10) == before  # whatever is delivered again has its bytes
        assert await store.events.number(await store.events.cursor(1)) == 1
        await log(store, "shop", happened())
        assert await store.events.number((await store.events.after(2, limit=1))[0].cursor) == 3


async def test_two_databases_have_two_logs(tmp_path: Path) -> None:
    async with (
        open_store(tmp_path / "1.db", boot_id="boot-1") as one,
        open_store(tmp_path / "2.db", boot_id="boot-1") as other,
    ):
        assert await other.events.number(await one.events.cursor(0)) is None


async def test_a_cursor_beyond_the_newest_event_was_never_made(two: SqliteStore) -> None:
    await log(two, "a", happened())

    assert await two.events.number(await two.events.cursor(1)) == 1
    assert await two.events.number(await two.events.cursor(2)) is None
    assert await two.events.number(await two.events.cursor(2**64 - 1)) is None


@pytest.mark.parametrize("cursor", ["", "x", "ä" * CURSOR_LENGTH, "A" * 21, "A" * 23, "WzQxXQ", "\x00" * 22])
def test_text_that_is_no_cursor_has_no_number(cursor: str) -> None:
    assert EventCursors.of_another_log().number(cursor) is None


def test_a_cursor_tells_its_number_to_its_log_alone() -> None:
    cursors = EventCursors.of_another_log()
    numbers = [0, 1, 2, 255, 2**32 - 1, 2**32, 2**62]

    made = [cursors.cursor(number) for number in numbers]

    assert [cursors.number(cursor) for cursor in made] == numbers
    assert {len(cursor) for cursor in made} == {CURSOR_LENGTH}
    assert all(EventCursors.of_another_log().number(cursor) is None for cursor in made)


def test_cursors_of_neighbours_have_nothing_in_common_but_their_log() -> None:
    """Half of the 64 bits differ, as of random numbers; a counter would differ in two or so."""
    cursors = EventCursors.of_another_log()
    hidden = [_hidden(cursors.cursor(number)) for number in range(1000)]

    different = [(one ^ other).bit_count() for one, other in pairwise(hidden)]

    assert 30 < sum(different) / len(different) < 34
    assert min(different) > 8


def _hidden(cursor: str) -> int:
    return int.from_bytes(urlsafe_b64decode(cursor + "==")[-8:])
