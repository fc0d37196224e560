"""Events of a connector's process: it begins, answers and ends."""

from server.protocol.bounds import Abilities, Count, SmallCount, Span, Word
from server.protocol.events.base import Event


class Up(Event, frozen=True, tag="up"):
    """A connector has opened its pipes and waits for a hello."""


class Ready(Event, frozen=True, tag="ready"):
    """The connector answers this front's hello. What came before it was meant for another front."""

    #: The text that the hello carried.
    front: Word
    #: What this connector can do. `send`: the commands Send, MarkRead, Type and Ask. `marks`: it says when
    #: WhatsApp has confirmed read marks. Older ones say nothing.
    can: Abilities = ()


class Pong(Event, frozen=True, tag="pong"):
    """The connector received a ping: its event loop runs."""

    #: Seconds since the connector began to handle the present message; 0 without one.
    head_age: Span = 0


class Ended(Event, frozen=True, tag="ended", kw_only=True):
    """The process of the connector ended. supervisord's plugin sends it, on the same pipe and so in order.

    Its epoch is 0: supervisord does not know it.
    """

    epoch: Count = 0
    #: EXITED, BACKOFF (it crashed and will be started again), FATAL (given up) or STOPPED.
    state: Word
    #: Its exit status, if it ended by itself.
    exit: SmallCount | None = None
    #: The signal that killed it, if one did.
    signal: SmallCount | None = None
    #: How often it has crashed in a row.
    tries: SmallCount = 0
    #: Seconds until supervisord starts it again.
    retry_in: Span | None = None
    #: Stopped through supervisorctl, not by the front.
    by_hand: bool = False
    #: Killed because it did not respond.
    deaf: bool = False
