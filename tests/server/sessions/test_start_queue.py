"""Whose turn it is to be started."""

from server.sessions.start_queue import Turns


def test_without_a_wish_each_comes_in_its_turn() -> None:
    turns = Turns()
    turns.line_up("abc")
    assert "".join(turns) == "abc"


def test_who_is_asked_for_comes_next_the_earlier_before_the_later() -> None:
    turns = Turns()
    turns.line_up("abcdef")
    starting = iter(turns)
    assert next(starting) == "a"
    for session_id in "ede":
        turns.ask_for(session_id)
    assert "".join(starting) == "edbcf"


def test_who_was_asked_for_before_all_were_lined_up_again_still_comes_first() -> None:
    turns = Turns()
    turns.line_up("abcd")
    turns.ask_for("b")
    turns.ask_for("d")
    turns.line_up("acd")
    assert "".join(turns) == "dac"


def test_who_does_not_wait_is_not_started_for_being_asked_for() -> None:
    turns = Turns()
    turns.line_up("a")
    assert list(turns) == ["a"]
    turns.ask_for("a")
    turns.line_up("b")
    turns.ask_for("never")
    assert list(turns) == ["b"]
