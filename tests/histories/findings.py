"""What may be wrong with a history. Each kind of finding is a class, and says itself in one sentence."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One thing that must not be."""


# Of messages that were sent


@dataclass(frozen=True)
class Lost(Finding):
    """A message that was accepted, and did not fail, is not shown."""

    viewer: str
    chat: str
    text: str
    id: str | None

    def __str__(self) -> str:
        return f"{self.viewer} does not show {self.text!r} ({self.id}) in {self.chat}"


@dataclass(frozen=True)
class ShownTwice(Finding):
    """A device shows one text more than once."""

    viewer: str
    text: str
    ids: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.viewer} shows {self.text!r} {len(self.ids)} times, under {', '.join(self.ids)}"


@dataclass(frozen=True)
class ShownOutOfOrder(Finding):
    """A device shows a text behind one that was asked for only after the first was answered."""

    viewer: str
    chat: str
    text: str
    behind: str

    def __str__(self) -> str:
        return f"{self.viewer} shows {self.text!r} behind {self.behind!r} in {self.chat}; it was sent before"


@dataclass(frozen=True)
class ShownAfterFailure(Finding):
    """A device shows a message of which Motte says that it was never sent."""

    viewer: str
    text: str
    id: str
    code: str | None

    def __str__(self) -> str:
        return f"{self.viewer} shows {self.text!r} ({self.id}), which failed as {self.code}"


@dataclass(frozen=True)
class ShownAfterRefusal(Finding):
    """A device shows a text that every answer refused to send."""

    viewer: str
    text: str

    def __str__(self) -> str:
        return f"{self.viewer} shows {self.text!r}, which was refused"


@dataclass(frozen=True)
class NeverAsked(Finding):
    """A device shows a text that nobody asked to send."""

    viewer: str
    chat: str
    text: str

    def __str__(self) -> str:
        return f"{self.viewer} shows {self.text!r} in {self.chat}; nobody asked to send it"


@dataclass(frozen=True)
class WrongChat(Finding):
    """A device shows a text in a chat to which it was not sent."""

    viewer: str
    text: str
    chat: str
    asked: str

    def __str__(self) -> str:
        return f"{self.viewer} shows {self.text!r} in {self.chat}; it was sent to {self.asked}"


@dataclass(frozen=True)
class ShownToStranger(Finding):
    """A device shows a text that was sent to others."""

    viewer: str
    text: str

    def __str__(self) -> str:
        return f"{self.viewer} shows {self.text!r}, which was not sent to it"


@dataclass(frozen=True)
class WrongId(Finding):
    """A device shows a text under another id than the caller was given."""

    viewer: str
    text: str
    id: str
    answered: str

    def __str__(self) -> str:
        return f"{self.viewer} shows {self.text!r} as {self.id}; the caller was given {self.answered}"


@dataclass(frozen=True)
class TooManyCopies(Finding):
    """More copies arrived than kills and lost answers explain."""

    copies: int
    allowed: int

    def __str__(self) -> str:
        return f"{self.copies} copies arrived, and {self.allowed} are explained"


@dataclass(frozen=True)
class TwoAnswers(Finding):
    """One key was answered with several messages."""

    key: str
    ids: tuple[str, ...]

    def __str__(self) -> str:
        return f"the key {self.key} was answered with {len(self.ids)} messages: {', '.join(self.ids)}"


@dataclass(frozen=True)
class SharedId(Finding):
    """Several keys were answered with one message."""

    id: str
    keys: tuple[str, ...]

    def __str__(self) -> str:
        return f"the message {self.id} answers {len(self.keys)} keys: {', '.join(self.keys)}"


@dataclass(frozen=True)
class QueuedTwice(Finding):
    """The record has one text as several messages."""

    text: str
    ids: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.text!r} is {len(self.ids)} messages in the record: {', '.join(self.ids)}"


@dataclass(frozen=True)
class Forgotten(Finding):
    """The record does not have a message that was accepted."""

    text: str
    id: str

    def __str__(self) -> str:
        return f"{self.text!r} was accepted as {self.id}, and the record does not have it"


@dataclass(frozen=True)
class Unsettled(Finding):
    """A message is still queued or handed at the end."""

    text: str
    id: str
    status: str | None

    def __str__(self) -> str:
        return f"{self.text!r} ({self.id}) is still {self.status}"


# Of messages that arrived


@dataclass(frozen=True)
class NotReceived(Finding):
    """A text that somebody wrote is missing."""

    place: str
    session: str
    text: str

    def __str__(self) -> str:
        return f"{self.place} of {self.session} lacks {self.text!r}, which was written to it"


@dataclass(frozen=True)
class ReceivedTwice(Finding):
    """A text that was written once is there several times."""

    place: str
    session: str
    text: str
    times: int

    def __str__(self) -> str:
        return f"{self.place} of {self.session} has {self.text!r} {self.times} times"


@dataclass(frozen=True)
class ReceivedOutOfOrder(Finding):
    """A text is behind one that the same person wrote later in the same chat."""

    place: str
    session: str
    text: str
    behind: str

    def __str__(self) -> str:
        return (
            f"{self.place} of {self.session} has {self.text!r} behind {self.behind!r}; it was written before"
        )


@dataclass(frozen=True)
class NeverWritten(Finding):
    """A text is there that nobody wrote."""

    place: str
    session: str
    text: str

    def __str__(self) -> str:
        return f"{self.place} of {self.session} has {self.text!r}, which nobody wrote"


# Of events


@dataclass(frozen=True)
class NotDelivered(Finding):
    """A consumer did not get an event."""

    consumer: str
    event: str
    type: str

    def __str__(self) -> str:
        return f"{self.consumer} did not get {self.type} {self.event}"


@dataclass(frozen=True)
class ReadTwice(Finding):
    """A reader with a cursor got an event again."""

    consumer: str
    event: str
    times: int

    def __str__(self) -> str:
        return f"{self.consumer} read {self.event} {self.times} times"


@dataclass(frozen=True)
class DeliveredOutOfOrder(Finding):
    """A consumer got an event for the first time behind a later one of the same session."""

    consumer: str
    session: str
    event: str
    behind: str

    def __str__(self) -> str:
        return f"{self.consumer} got {self.event} of {self.session} behind {self.behind}, which is later"


@dataclass(frozen=True)
class NotInTheLog(Finding):
    """A consumer got an event that the log does not have."""

    consumer: str
    event: str
    type: str

    def __str__(self) -> str:
        return f"{self.consumer} got {self.type} {self.event}, which is not in the log"


@dataclass(frozen=True)
class NotWanted(Finding):
    """A consumer got an event of a type that it did not ask for, or one from before its time."""

    consumer: str
    event: str
    type: str

    def __str__(self) -> str:
        return f"{self.consumer} got {self.type} {self.event}, which it did not ask for"


@dataclass(frozen=True)
class OtherBytes(Finding):
    """Two copies of one event differ."""

    consumer: str
    event: str

    def __str__(self) -> str:
        return f"{self.consumer} got {self.event} with other bytes than the log has"


@dataclass(frozen=True)
class LoggedTwice(Finding):
    """The log has one id several times."""

    event: str
    times: int

    def __str__(self) -> str:
        return f"the log has {self.event} {self.times} times"


@dataclass(frozen=True)
class FellBack(Finding):
    """An event reports a status that is not ahead of the one before."""

    message: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"the message {self.message} goes from {self.before} to {self.after}"


@dataclass(frozen=True)
class OtherLastStatus(Finding):
    """The last event of a message does not report the status that the record has."""

    message: str
    reported: str | None
    recorded: str | None

    def __str__(self) -> str:
        return f"the events leave {self.message} {self.reported}; the record has it as {self.recorded}"
