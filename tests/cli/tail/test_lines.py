"""What `motte tail` prints of each kind of event."""

from typing import Any

import pytest

from server.cli.tail.lines import as_line
from tests.cli.sessions.api import session
from tests.cli.tail.event_log import event, message


@pytest.mark.parametrize(
    ("kind", "data", "words"),
    [
        (
            "session.status",
            session(status="connected", qrExpiresAt=None, phoneNumber="155"),
            "connected as 155",
        ),
        ("session.deleted", {"id": "shop"}, ""),
        ("session.restricted", {"state": "ok", "code": None, "until": None}, "ok"),
        (
            "session.restricted",
            {"state": "restricted", "code": "new-chat-limit", "until": "2026-01-01T00:00:00.000Z"},
            "restricted (new-chat-limit) until 2026-01-01T00:00:00.000Z",
        ),
        ("message.received", message(text=None, kind="image"), "from 4915112345678: (image)"),
        ("message.reaction", message(text=None, emoji="👍", fromMe=True), "to 4915112345678: 👍"),
        (
            "message.received",
            message(chat="1@g.us", number=None, sender=None, senderLid="2@lid", text="x"),
            "from 2@lid in 1@g.us: x",
        ),
        (
            "message.status",
            message(status="failed", statusReason={"code": "rejected", "detail": "No\r"}, fromMe=True),
            "3EB0AA to 4915112345678: failed (rejected: No\ufffd)",
        ),
        ("call.received", {"isVideo": True, "number": None, "from": "2@lid"}, "video call from 2@lid"),
        ("contact.linked", {"lid": "2@lid", "number": "155"}, "2@lid is 155"),
        ("of.tomorrow", {}, ""),
    ],
)
def test_a_line_says_what_happened(kind: str, data: Any, words: str) -> None:
    line = as_line({**event(1), "type": kind, "data": data})
    assert line.split("  ")[2:] == [kind, *([words] if words else [])]
