"""The newest events in the memory of the deliverer."""

from server.webhooks.recent import MAX_BYTES, MAX_EVENTS, RecentEvents
from store.records.events import Event


def event(number: int, session_id: str = "a", *, kind: str = "message.received", data: str = "{}") -> Event:
    return Event(
        number=number, id=f"evt_{number}", cursor="", session_id=session_id, type=kind, at=1, data=data
    )


def numbers(found: list[Event] | None) -> list[int] | None:
    return None if found is None else [one.number for one in found]


def test_the_next_events_of_a_session_come_in_their_order() -> None:
    recent = RecentEvents()
    recent.begin(10)
    recent.add([event(11), event(12, "b"), event(13), event(14, kind="session.status"), event(15)])

    assert numbers(recent.of("a", after=10, types=None, limit=9)) == [11, 13, 14, 15]
    assert numbers(recent.of("a", after=11, types=None, limit=2)) == [13, 14]
    assert numbers(recent.of("a", after=10, types=("session.status",), limit=9)) == [14]
    assert numbers(recent.of("a", after=15, types=None, limit=9)) == []
    assert numbers(recent.of("c", after=10, types=None, limit=9)) == []


def test_a_lane_that_is_further_behind_gets_nothing_from_memory() -> None:
    recent = RecentEvents()
    recent.begin(10)
    recent.add([event(11)])

    assert recent.of("a", after=9, types=None, limit=9) is None


def test_the_oldest_make_room() -> None:
    recent = RecentEvents()
    recent.add([event(number) for number in range(1, MAX_EVENTS + 1)])
    assert numbers(recent.of("a", after=0, types=None, limit=1)) == [1]

    recent.add([event(MAX_EVENTS + 1)])
    assert recent.of("a", after=0, types=None, limit=1) is None
    assert numbers(recent.of("a", after=1, types=None, limit=1)) == [2]

    recent.add([event(MAX_EVENTS + 2, data="x" * MAX_BYTES)])
    assert recent.of("a", after=MAX_EVENTS, types=None, limit=1) is None


def test_a_new_beginning_forgets_all() -> None:
    recent = RecentEvents()
    recent.add([event(1), event(2)])
    recent.begin(5)

    assert recent.of("a", after=1, types=None, limit=9) is None
    assert numbers(recent.of("a", after=5, types=None, limit=9)) == []
