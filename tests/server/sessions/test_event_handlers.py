"""What each kind of event of a connector does to its session."""

import inspect
import re
from typing import get_args

from server.domain import transitions
from server.protocol.events.lines import AnyEvent
from server.sessions.event_handlers import HANDLERS

#: Greetings and answers, which change nothing in the database: the channel reads them, and
#: server/sessions/connector_events.py.
OF_THE_CHANNEL = {"Up", "Ready", "Pong", "PairingCodeIssued", "PairingCodeRefused", "PairingCodeWithdrawn"}


def test_every_event_has_a_handler_or_moves_its_session_or_is_named_here() -> None:
    cases = re.findall(r"^ *case (.*):$", inspect.getsource(transitions), re.MULTILINE)
    moves = set(re.findall(r"\b([A-Z]\w+)\(", " ".join(cases)))
    handled = {kind.__name__ for kind in HANDLERS}
    kinds = {kind.__name__ for kind in get_args(AnyEvent)}
    assert kinds == moves | handled | OF_THE_CHANNEL
    assert not moves & handled
