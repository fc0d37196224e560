"""Judges what was sent: each text is shown once, under one id, in order, and only if it did not fail."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from tests.histories import findings
from tests.histories.findings import Finding
from tests.histories.history import History, Post, Recorded, Shown

#: Statuses of a message that WhatsApp took.
TAKEN = ("sent", "delivered", "read", "played")

#: Codes of failures in which no recipient can have got the message.
#: After another code (`expired`, `logged-out`) an attempt may have succeeded without an answer.
NEVER_SENT = ("not-on-whatsapp", "restricted", "new-chat-limit", "rejected", "no-device", "cancelled")

#: HTTP statuses after which there is no message: refused, and shutting down.
REFUSED = (*range(400, 500), 503)


@dataclass(frozen=True)
class Send:
    """One text that was asked for: all requests with its key, and what became of it."""

    posts: tuple[Post, ...]
    #: What the record has of it. None if the record was not read, or does not have it.
    recorded: Recorded | None

    @property
    def first(self) -> Post:
        return self.posts[0]

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Of the messages in the answers."""
        return tuple(dict.fromkeys(post.id for post in self.posts if post.id))

    @cached_property
    def accepted_at(self) -> float:
        """When the caller knew that it is queued. Infinite if it never did."""
        return min((post.ended for post in self.posts if post.id and post.ended), default=float("inf"))

    @property
    def was_refused(self) -> bool:
        return all(post.status in REFUSED for post in self.posts)

    @property
    def was_never_sent(self) -> bool:
        """Whether it failed so that nobody can have got it."""
        message = self.recorded
        if message is None or message.status != "failed":
            return False
        return message.code in NEVER_SENT or message.attempts == 0

    @property
    def must_be_shown(self) -> bool:
        if self.recorded is None:
            return bool(self.ids)
        return self.recorded.status in TAKEN


class Sends:
    """All of them, found by their texts."""

    def __init__(self, history: History) -> None:
        """Raises ValueError if two keys ask for one text: then a double could not be seen."""
        by_text: defaultdict[str, list[Post]] = defaultdict(list)
        for post in history.posts:
            by_text[post.text].append(post)
        for text, posts in by_text.items():
            if len({(post.key, post.session, post.chat) for post in posts}) != 1:
                raise ValueError(f"several keys, sessions or chats ask for {text!r}")
        recorded = {message.text: message for message in history.outbound or ()}
        self._all = {text: Send(tuple(posts), recorded.get(text)) for text, posts in by_text.items()}

    def __iter__(self) -> Iterator[Send]:
        return iter(self._all.values())

    def get(self, text: str) -> Send | None:
        return self._all.get(text)


def check_outbound(history: History) -> Iterator[Finding]:
    """Yields what is wrong with what was sent."""
    sends = Sends(history)
    yield from _check_answers(sends)
    if history.outbound is not None:
        yield from _check_record(sends, history.outbound)
    for viewer, shown in history.shown.items():
        yield from _check_shown(sends, viewer, shown)
        yield from _check_strangers(sends, history, viewer)
        yield from _check_order(sends, viewer, shown)
    yield from _check_lost(sends, history)
    copies = copies_of(history)
    if copies > history.copies_allowed:
        yield findings.TooManyCopies(copies, history.copies_allowed)


def copies_of(history: History) -> int:
    """How many messages arrived more than once, at the device that got most copies of each."""
    most: defaultdict[str, int] = defaultdict(int)
    for shown in history.shown.values():
        for message in shown:
            most[message.id] = max(most[message.id], message.copies - 1)
    return sum(most.values())


def _check_answers(sends: Sends) -> Iterator[Finding]:
    keys: defaultdict[str, list[str]] = defaultdict(list)
    for send in sends:
        if len(send.ids) > 1:
            yield findings.TwoAnswers(send.first.key, send.ids)
        for message in send.ids:
            keys[message].append(send.first.key)
    for message, of_one in keys.items():
        if len(of_one) > 1:
            yield findings.SharedId(message, tuple(of_one))


def _check_record(sends: Sends, outbound: Sequence[Recorded]) -> Iterator[Finding]:
    ids: defaultdict[str, list[str]] = defaultdict(list)
    for message in outbound:
        ids[message.text].append(message.id)
        if message.status in ("queued", "handed"):
            yield findings.Unsettled(message.text, message.id, message.status)
    for text, of_one in ids.items():
        if len(of_one) > 1:
            yield findings.QueuedTwice(text, tuple(of_one))
    known = {message.id for message in outbound}
    for send in sends:
        for message_id in send.ids:
            if message_id not in known:
                yield findings.Forgotten(send.first.text, message_id)


def _check_shown(sends: Sends, viewer: str, shown: Sequence[Shown]) -> Iterator[Finding]:
    """What a device shows is what was asked for, once."""
    ids: defaultdict[str, list[str]] = defaultdict(list)
    for message in shown:
        ids[message.text].append(message.id)
        send = sends.get(message.text)
        if send is None:
            yield findings.NeverAsked(viewer, message.chat, message.text)
        else:
            yield from _check_one(send, viewer, message)
    for text, of_one in ids.items():
        if len(of_one) > 1:
            yield findings.ShownTwice(viewer, text, tuple(of_one))


def _check_one(send: Send, viewer: str, message: Shown) -> Iterator[Finding]:
    if message.chat != send.first.chat:
        yield findings.WrongChat(viewer, message.text, message.chat, send.first.chat)
    if send.ids and message.id not in send.ids:
        yield findings.WrongId(viewer, message.text, message.id, send.ids[0])
    if send.was_refused:
        yield findings.ShownAfterRefusal(viewer, message.text)
    if send.was_never_sent and send.recorded:
        yield findings.ShownAfterFailure(viewer, message.text, message.id, send.recorded.code)


def _check_strangers(sends: Sends, history: History, viewer: str) -> Iterator[Finding]:
    for message in history.shown[viewer]:
        send = sends.get(message.text)
        viewers = history.audience.get((send.first.session, send.first.chat)) if send else None
        if viewers is not None and viewer not in viewers:
            yield findings.ShownToStranger(viewer, message.text)


def _check_order(sends: Sends, viewer: str, shown: Sequence[Shown]) -> Iterator[Finding]:
    """One text comes before another if it was accepted before the other was first asked for."""
    latest: dict[tuple[str, str], Send] = {}
    for message in shown:
        send = sends.get(message.text)
        if send is None:
            continue
        chat = (send.first.session, message.chat)
        before = latest.setdefault(chat, send)
        if send.accepted_at <= before.first.began and send is not before:
            yield findings.ShownOutOfOrder(viewer, message.chat, message.text, before.first.text)
        if send.first.began > before.first.began:
            latest[chat] = send


def _check_lost(sends: Sends, history: History) -> Iterator[Finding]:
    texts = {viewer: {message.text for message in shown} for viewer, shown in history.shown.items()}
    for send in sends:
        post = send.first
        if not send.must_be_shown:
            continue
        for viewer in history.audience.get((post.session, post.chat), ()):
            if post.text not in texts.get(viewer, ()):
                yield findings.Lost(viewer, post.chat, post.text, send.ids[0] if send.ids else None)
