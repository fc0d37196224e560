"""Lines of a connector: which events there are, and the event of a line."""

from typing import get_args

import msgspec

from server.protocol.bounds import MAX_REASON_CODE_LENGTH, MAX_REASON_DETAIL_LENGTH, Count, EventName
from server.protocol.events.chats import CallCame, Typing
from server.protocol.events.codes import (
    PairingCodeAwaited,
    PairingCodeIssued,
    PairingCodeRefused,
    PairingCodeWithdrawn,
    QrIssued,
    QrsExhausted,
    ScanRefused,
)
from server.protocol.events.contacts import Answered, ContactLinked, Refused
from server.protocol.events.link import Closed, LoggedOut, Opened, Paired, Restricted, Snapshot
from server.protocol.events.messages import MessageMoved, MessageReceived, MessageSkipped, ReadMarked
from server.protocol.events.process import Ended, Pong, Ready, Up
from server.protocol.nul import without_nul
from store.records.reason import Reason

AnyEvent = (
    Up
    | Ready
    | Pong
    | Snapshot
    | QrIssued
    | PairingCodeAwaited
    | QrsExhausted
    | ScanRefused
    | PairingCodeIssued
    | PairingCodeRefused
    | PairingCodeWithdrawn
    | Paired
    | Opened
    | Closed
    | LoggedOut
    | MessageReceived
    | MessageSkipped
    | MessageMoved
    | ReadMarked
    | CallCame
    | Restricted
    | ContactLinked
    | Answered
    | Refused
    | Typing
    | Ended
)

#: Names of the events of a connector. `ended` comes from supervisord's plugin.
NAMES: tuple[str, ...] = tuple(
    event.__struct_config__.tag for event in get_args(AnyEvent) if event is not Ended
)


class UnknownEvent(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """An event of a type that this version does not know: its connector is newer."""

    name: EventName = msgspec.field(name="event")
    epoch: Count


_decoder: msgspec.json.Decoder[AnyEvent] = msgspec.json.Decoder(AnyEvent)
_unknown_decoder = msgspec.json.Decoder(UnknownEvent)


def parse(line: bytes) -> AnyEvent | UnknownEvent | None:
    """Returns the event of one line, without NUL characters; None if it is torn, no event, or too large."""
    text = without_nul(line)
    try:
        event = _decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _unknown(text)
    reason = getattr(event, "reason", None)
    return event if reason is None or _fits(reason) else None


def _unknown(text: bytes) -> UnknownEvent | None:
    try:
        event = _unknown_decoder.decode(text)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return None if event.name in NAMES or event.name == "ended" else event


def _fits(reason: Reason) -> bool:
    return len(reason.code) <= MAX_REASON_CODE_LENGTH and len(reason.detail) <= MAX_REASON_DETAIL_LENGTH
