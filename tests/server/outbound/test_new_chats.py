"""New chats that wait for their turn."""

from math import inf

from server.outbound.new_chats import NewChats
from server.outbound.pacing import Pace
from store.records.outbox import OutboxEntry, SendTerms

TERMS = SendTerms(until=1e9, until_wall=10**15, boot_id="boot-1")


def queued(*numbers: int, per_second: float = 0.1, burst: int = 2) -> NewChats:
    """A queue with these chats, and tokens that come every ten seconds."""
    chats = NewChats(Pace(per_second, burst=burst, uneven=lambda least, most: 1.0))
    for number in numbers:
        chats.queue(
            OutboxEntry(
                number=number, message_id=f"{number}", chat=f"{number}@lid", terms=TERMS, handed=False
            )
        )
    return chats


def admitted(chats: NewChats, now: float, *, gone: frozenset[str] = frozenset()) -> list[str]:
    return [chat.partition("@")[0] for chat in chats.admit(now, lambda chat: chat not in gone)]


def test_the_oldest_go_first_as_many_as_there_are_tokens() -> None:
    chats = queued(3, 1, 2)
    assert admitted(chats, 0.0) == ["1", "2"]
    assert admitted(chats, 0.0) == []
    assert chats.wait(0.0) == inf
    chats.begin("1@lid", 0.0)
    chats.begin("2@lid", 0.0)
    assert (admitted(chats, 9.9), round(chats.wait(9.9), 3)) == ([], 0.1)
    assert admitted(chats, 10.0) == ["3"]
    assert chats.wait(10.0) == inf


def test_one_that_waits_for_something_else_makes_room_for_the_next() -> None:
    chats = queued(1, 2, 3)
    admitted(chats, 0.0)
    chats.leave("1@lid")
    assert admitted(chats, 0.0) == ["3"]


def test_one_whose_messages_are_gone_takes_nobodys_turn() -> None:
    chats = queued(1, 2, 3, 4)
    admitted(chats, 0.0)
    assert admitted(chats, 0.0, gone=frozenset({"1@lid", "3@lid"})) == ["4"]


def test_a_pause_holds_all_until_it_is_over_or_lifted() -> None:
    chats = queued(1, 2)
    chats.pause(60.0)
    assert (admitted(chats, 59.0), chats.wait(59.0)) == ([], 1.0)
    chats.resume()
    assert admitted(chats, 59.0) == ["1", "2"]
    assert chats.wait(59.0) == inf


def test_one_that_is_queued_again_keeps_its_place() -> None:
    chats = queued(1, 2, 3, burst=1)
    assert admitted(chats, 0.0) == ["1"]
    queue_again = OutboxEntry(number=1, message_id="1", chat="1@lid", terms=TERMS, handed=False)
    chats.queue(queue_again)
    chats.queue(queue_again)
    assert admitted(chats, 0.0) == ["1"]


def test_without_a_pace_some_are_looked_at_at_once() -> None:
    chats = queued(*range(10), per_second=0)
    assert len(admitted(chats, 0.0)) == 2
    assert chats.wait(0.0) == inf
