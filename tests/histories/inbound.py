"""Judges what arrived: each text that somebody wrote is there once, in the order of its writer."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tests.histories import findings
from tests.histories.findings import Finding
from tests.histories.history import Heard, History, Written


class Arrived(NamedTuple):
    """One message that arrived, wherever it was read."""

    session: str
    text: str


def check_inbound(history: History) -> Iterator[Finding]:
    """Yields what is wrong with the list of messages, and with the events that report them."""
    if history.inbound is not None:
        listed = [Arrived(message.session, message.text) for message in history.inbound]
        yield from _check("the list", history.written, listed)
    if history.log is not None:
        yield from _check("the event log", history.written, _received(history.log))


def _received(events: Sequence[Heard]) -> list[Arrived]:
    """A text that an account wrote on its own phone was asked for by nobody and is no text of a contact."""
    return [
        Arrived(event.session, event.text)
        for event in events
        if event.type == "message.received" and event.text is not None
    ]


def _check(place: str, written: Sequence[Written], arrived: Sequence[Arrived]) -> Iterator[Finding]:
    times = Counter(arrived)
    by_text = {(text.session, text.text): index for index, text in enumerate(written)}
    for text in written:
        if Arrived(text.session, text.text) not in times:
            yield findings.NotReceived(place, text.session, text.text)
    for one, number in times.items():
        if (one.session, one.text) not in by_text:
            yield findings.NeverWritten(place, one.session, one.text)
        elif number > 1:
            yield findings.ReceivedTwice(place, one.session, one.text, number)
    yield from _check_order(
        place, written, [by_text[one] for one in dict.fromkeys(arrived) if one in by_text]
    )


def _check_order(place: str, written: Sequence[Written], indices: Sequence[int]) -> Iterator[Finding]:
    """Order is promised for the texts of one person in one chat."""
    latest: dict[tuple[str, str, str], int] = {}
    for index in indices:
        text = written[index]
        writer = (text.session, text.chat, text.sender)
        before = latest.get(writer, -1)
        if index < before:
            yield findings.ReceivedOutOfOrder(place, text.session, text.text, written[before].text)
        latest[writer] = max(before, index)
