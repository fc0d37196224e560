"""Events of chats that are no messages."""

import msgspec

from server.protocol.bounds import Address, WallMoment, Word
from server.protocol.events.base import Event, Spooled


class CallCame(Spooled, frozen=True, tag="call_came", kw_only=True):
    """Somebody called. It moves no session."""

    id: Address
    chat: Address
    caller: Address = msgspec.field(name="from")
    #: Milliseconds since 1970.
    at: WallMoment
    is_video: bool
    is_group: bool


class Typing(Event, frozen=True, tag="typing", kw_only=True):
    """Somebody types in a chat, records a voice message, or has stopped. It moves no session."""

    chat: Address
    sender: Address
    #: text or voice.
    kind: Word
    is_typing: bool
