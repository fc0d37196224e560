"""In which order sessions of several callers come."""

import pytest

from server.core.fair_queue import FairQueue


def taken(queue: FairQueue) -> str:
    found = ""
    while queue:
        found += queue.take()
    return found


def test_sessions_of_one_caller_come_in_their_order_and_once() -> None:
    queue = FairQueue()
    for session_id in "abcab":
        queue.add(session_id, "key bot")
    assert taken(queue) == "abc"


def test_callers_take_turns_however_many_sessions_each_waits_for() -> None:
    queue = FairQueue()
    for session_id in "abcdef":
        queue.add(session_id, "key bot")
    queue.add("x", "key shop")
    queue.add("y", "key till")
    queue.add("z", "key shop")
    assert taken(queue) == "axybzcdef"


def test_a_caller_that_had_its_turn_waits_for_the_others() -> None:
    queue = FairQueue()
    for session_id, caller in (("a", "key bot"), ("b", "key bot"), ("x", "key shop")):
        queue.add(session_id, caller)
    assert queue.take() == "a"
    queue.add("c", "key bot")
    assert taken(queue) == "xbc"


def test_a_session_that_two_callers_wait_for_comes_with_the_earlier_turn_and_once() -> None:
    queue = FairQueue()
    for session_id in "abc":
        queue.add(session_id, "key bot")
    queue.add("c", "key shop")
    assert taken(queue) == "acb"


def test_a_session_that_is_discarded_takes_no_turn() -> None:
    queue = FairQueue()
    queue.add("a", "key bot")
    queue.add("x", "key shop")
    queue.add("x", "key bot")
    queue.discard("x")
    queue.discard("unknown")
    assert taken(queue) == "a"


def test_an_empty_queue_gives_nothing() -> None:
    with pytest.raises(LookupError):
        FairQueue().take()
