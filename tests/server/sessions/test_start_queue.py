"""Whose turn it is to be started."""

from server.sessions.start_queue import StartQueue


def test_without_a_wish_each_comes_in_its_turn() -> None:
    start_queue = StartQueue()
    start_queue.line_up("abc")
    assert "".join(start_queue) == "abc"


def test_who_is_asked_for_comes_next_the_earlier_before_the_later() -> None:
    start_queue = StartQueue()
    start_queue.line_up("abcdef")
    starting = iter(start_queue)
    assert next(starting) == "a"
    for session_id in "ede":
        start_queue.ask_for(session_id)
    assert "".join(starting) == "edbcf"


def test_who_was_asked_for_before_all_were_lined_up_again_still_comes_first() -> None:
    start_queue = StartQueue()
    start_queue.line_up("abcd")
    start_queue.ask_for("b")
    start_queue.ask_for("d")
    start_queue.line_up("acd")
    assert "".join(start_queue) == "dac"


def test_who_does_not_wait_is_not_started_for_being_asked_for() -> None:
    start_queue = StartQueue()
    start_queue.line_up("a")
    assert list(start_queue) == ["a"]
    start_queue.ask_for("a")
    start_queue.line_up("b")
    start_queue.ask_for("never")
    assert list(start_queue) == ["b"]
