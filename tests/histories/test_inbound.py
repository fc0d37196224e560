"""What the history checker finds in what arrived."""

from dataclasses import replace

from tests.histories import findings
from tests.histories.check import check
from tests.histories.history import History, Recorded, Written
from tests.histories.samples import BO, GOOD, GROUP, received

CY = "491700000001"


def arrived(*texts: str, session: str = "shop") -> list[Recorded]:
    return [Recorded(f"id-{text}", session, BO, text) for text in texts]


def listed(*messages: Recorded) -> History:
    return replace(GOOD, inbound=list(messages))


def test_a_text_that_the_list_lacks_is_found() -> None:
    history = listed(*arrived("hi"), *arrived("ho", session="bar"))
    assert check(history) == [findings.NotReceived("the list", "shop", "there")]


def test_a_text_that_no_event_reports_is_found() -> None:
    log = [event for event in GOOD.log or () if event.text != "hi"]
    assert check(replace(GOOD, log=log, consumers=[])) == [
        findings.NotReceived("the event log", "shop", "hi")
    ]


def test_a_text_that_is_there_twice_is_found() -> None:
    history = listed(*arrived("hi", "there", "there"), *arrived("ho", session="bar"))
    assert check(history) == [findings.ReceivedTwice("the list", "shop", "there", 2)]


def test_two_events_with_ids_of_their_own_for_one_text_are_found() -> None:
    again = received("hi")._replace(id="evt-other")
    history = replace(GOOD, log=[*(GOOD.log or ()), again], consumers=[])
    assert check(history) == [findings.ReceivedTwice("the event log", "shop", "hi", 2)]


def test_texts_of_one_person_in_another_order_are_found() -> None:
    history = listed(*arrived("there", "hi"), *arrived("ho", session="bar"))
    assert check(history) == [findings.ReceivedOutOfOrder("the list", "shop", "hi", "there")]


def test_texts_of_two_members_of_a_group_may_come_in_any_order() -> None:
    written = [Written("shop", GROUP, BO, "one"), Written("shop", GROUP, CY, "two")]
    assert check(History(written=written, inbound=arrived("two", "one"))) == []


def test_a_text_that_nobody_wrote_is_found() -> None:
    history = listed(*arrived("hi", "there", "x"), *arrived("ho", session="bar"))
    assert check(history) == [findings.NeverWritten("the list", "shop", "x")]


def test_a_text_in_the_list_of_another_session_is_found() -> None:
    history = listed(*arrived("hi", "there", "ho"))
    assert check(history) == [
        findings.NotReceived("the list", "bar", "ho"),
        findings.NeverWritten("the list", "shop", "ho"),
    ]
