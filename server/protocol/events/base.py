"""The parts that all events have."""

import msgspec

from server.protocol.bounds import Count


class Event(msgspec.Struct, frozen=True, tag_field="event", rename="camel", kw_only=True):
    """The part that every line of a connector has."""

    #: The start of the connector that sent it; an event of an older start is dropped.
    epoch: Count


class Spooled(Event, frozen=True, kw_only=True):
    """An event that must not be lost: the connector repeats it until it is acknowledged."""

    #: Grows by one each spooled event, as long as the session's folder lives.
    seq: Count
