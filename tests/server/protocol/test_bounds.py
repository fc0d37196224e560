"""What a connector says may have a size; one more, and it is no event."""

import json
from typing import Any

import pytest

from server.protocol.events.lines import parse

MESSAGE = {
    "event": "message_received",
    "epoch": 1,
    "seq": 1,
    "id": "a",
    "chat": "c",
    "sender": "s",
    "fromMe": False,
    "sentAt": 0,
    "kind": "text",
}
QR = {"event": "qr_issued", "epoch": 1, "ordinal": 1, "payload": "p", "issuedAt": 1.0, "lifetime": 60.0}
PAIRED = {"event": "paired", "epoch": 1, "seq": 1, "phoneNumber": "1555"}
SNAPSHOT = {"event": "snapshot", "epoch": 1, "phase": "open"}
TYPED = {
    "event": "pairing_code_issued",
    "epoch": 1,
    "request": "r",
    "code": "c",
    "issuedAt": 1.0,
    "lifetime": 1.0,
}
MOVED = {
    "event": "message_moved",
    "epoch": 1,
    "seq": 1,
    "id": "a",
    "chat": "c",
    "status": "sent",
    "at": 0,
}
CALL = {
    "event": "call_came",
    "epoch": 1,
    "seq": 1,
    "id": "a",
    "chat": "c",
    "from": "c",
    "at": 0,
    "isVideo": False,
    "isGroup": False,
}
RESTRICTED = {"event": "restricted", "epoch": 1, "seq": 1, "code": "restricted"}
LINKED = {"event": "contact_linked", "epoch": 1, "seq": 1, "lid": "1@lid", "number": "4915"}
REFUSED = {"event": "refused", "epoch": 1, "request": "r", "reason": {"code": "c", "detail": "d"}}
TYPING = {"event": "typing", "epoch": 1, "chat": "c", "sender": "s", "kind": "text", "isTyping": True}
ENDED = {"event": "ended", "state": "EXITED"}

#: An event, one of its texts, and how many characters that may have.
TEXTS = [
    (QR, "payload", 2953),
    (QR, "version", 64),
    (PAIRED, "pushName", 200),
    ({**PAIRED, "event": "opened"}, "pushName", 200),
    ({**PAIRED, "event": "opened"}, "version", 64),
    (SNAPSHOT, "phase", 64),
    (SNAPSHOT, "pushName", 200),
    (TYPED, "code", 64),
    (TYPED, "request", 200),
    (MESSAGE, "id", 200),
    (MESSAGE, "chat", 200),
    (MESSAGE, "chatLid", 200),
    (MESSAGE, "sender", 200),
    (MESSAGE, "senderLid", 200),
    (MESSAGE, "pushName", 200),
    (MESSAGE, "kind", 200),
    (MESSAGE, "text", 65_536),
    (MOVED, "id", 200),
    (MOVED, "chat", 200),
    (MOVED, "chatLid", 200),
    (MOVED, "by", 200),
    (CALL, "id", 200),
    (CALL, "chat", 200),
    (CALL, "from", 200),
    (RESTRICTED, "code", 64),
    (LINKED, "lid", 200),
    (REFUSED, "request", 200),
    (TYPING, "chat", 200),
    (TYPING, "sender", 200),
    (TYPING, "kind", 64),
    (ENDED, "state", 64),
    ({"event": "ready", "epoch": 1}, "front", 64),
]

#: An event, one of its numbers, and the highest that it may be.
NUMBERS = [
    (PAIRED, "seq", 2**62 - 1),
    (PAIRED, "epoch", 2**62 - 1),
    (QR, "lifetime", 86_400),
    (MESSAGE, "sentAt", 253_402_300_799_999),
    (MOVED, "at", 253_402_300_799_999),
    (MOVED, "attempts", 2**31 - 1),
    (CALL, "at", 253_402_300_799_999),
    (RESTRICTED, "until", 253_402_300_799_999),
    (ENDED, "exit", 2**31 - 1),
    (ENDED, "signal", 2**31 - 1),
    (ENDED, "tries", 2**31 - 1),
    ({"event": "pong", "epoch": 1}, "headAge", 2 * 366 * 86_400),
]


def is_event(event: dict[str, Any], **values: object) -> bool:
    return parse(json.dumps({**event, **values}).encode()) is not None


@pytest.mark.parametrize(("event", "key", "most"), TEXTS, ids=lambda value: str(value)[:20])
def test_a_text_may_have_so_many_characters(event: dict[str, Any], key: str, most: int) -> None:
    for letter in ("x", "é", "\U0001f642"):
        assert is_event(event, **{key: letter * most})
        assert not is_event(event, **{key: letter * (most + 1)})


@pytest.mark.parametrize(("event", "key", "most"), NUMBERS, ids=lambda value: str(value)[:20])
def test_a_number_may_be_so_large(event: dict[str, Any], key: str, most: int) -> None:
    assert is_event(event, **{key: most})
    assert not is_event(event, **{key: most + 1})
    assert is_event(event, **{key: 0})
    assert not is_event(event, **{key: -1})


@pytest.mark.parametrize("event", [PAIRED, {**PAIRED, "event": "opened"}, SNAPSHOT])
def test_a_phone_number_has_fifteen_digits_at_most_and_nothing_else(event: dict[str, Any]) -> None:
    assert is_event(event, phoneNumber="1" * 15)
    for number in ("1" * 16, "", "1555\n", "+1555", "1555 1", "1555a", "١٢٣٤٥"):
        assert not is_event(event, phoneNumber=number)


@pytest.mark.parametrize("status", ["sent", "delivered", "read", "played", "failed"])
def test_a_message_moves_to_a_status_that_is_known(status: str) -> None:
    assert is_event(MOVED, status=status)
    assert not is_event(MOVED, status=status.upper())


def test_a_connector_names_so_many_abilities() -> None:
    ready = {"event": "ready", "epoch": 1, "front": "f"}
    assert is_event(ready, can=["x" * 64] * 32)
    assert not is_event(ready, can=["x"] * 33)
    assert not is_event(ready, can=["x" * 65])


def test_one_event_names_so_many_read_messages() -> None:
    marked = {"event": "read_marked", "epoch": 1, "seq": 1, "chat": "1@lid"}
    key = {"id": "A", "sender": "1@lid"}
    assert is_event(marked, keys=[key] * 1_000)
    assert not is_event(marked, keys=[key] * 1_001)
    assert not is_event(marked, keys=[])


@pytest.mark.parametrize("key", ["jid", "lid", "name", "number"])
def test_an_answer_has_so_many_characters(key: str) -> None:
    most, letter = (15, "1") if key == "number" else (200, "x")
    answered = {"event": "answered", "epoch": 1, "request": "r"}
    result = {"number": "4915", "exists": True}
    assert is_event(answered, result={**result, key: letter * most})
    assert not is_event(answered, result={**result, key: letter * (most + 1)})


@pytest.mark.parametrize(
    "event", ["closed", "logged_out", "scan_refused", "snapshot", "message_moved", "refused"]
)
@pytest.mark.parametrize(("key", "most"), [("code", 64), ("detail", 500)])
def test_a_reason_has_so_many_characters(event: str, key: str, most: int) -> None:
    said = {**MOVED, **REFUSED, "event": event, "phase": "open"}
    reason = {"code": "c", "detail": "d"}
    assert is_event(said, reason={**reason, key: "x" * most})
    assert not is_event(said, reason={**reason, key: "x" * (most + 1)})


NAMED = {"id": "a", "chat": "c", "sender": "s"}

#: A part of a message, and the largest value of each of its keys with one beyond it.
PARTS: list[tuple[str, dict[str, Any], str, object, object]] = [
    ("replyTo", NAMED, "text", "x" * 4_096, "x" * 4_097),
    ("target", NAMED, "id", "x" * 200, "x" * 201),
    ("location", {"latitude": 0, "longitude": 0}, "latitude", -90, -90.1),
    ("location", {"latitude": 0, "longitude": 0}, "longitude", 180, 180.1),
    ("location", {"latitude": 0, "longitude": 0}, "name", "x" * 4_096, "x" * 4_097),
    ("contact", {}, "vcard", "x" * 65_536, "x" * 65_537),
    ("contact", {}, "phoneNumbers", ["1" * 15] * 100, ["1"] * 101),
    ("contact", {}, "phoneNumbers", ["1"], ["+1"]),
    ("choice", {}, "id", "x" * 32_768, "x" * 32_769),
    ("choice", {}, "title", "x" * 32_768, "x" * 32_769),
    ("poll", {"name": "p", "options": []}, "name", "x" * 4_096, "x" * 4_097),
    ("poll", {"name": "p", "options": []}, "options", ["x" * 512] * 100, ["x"] * 101),
    ("poll", {"name": "p", "options": []}, "options", ["x" * 512], ["x" * 513]),
    ("poll", {"name": "p", "options": []}, "selectable", 2**62 - 1, 2**62),
    ("media", {}, "fileName", "x" * 4_096, "x" * 4_097),
    ("media", {}, "mimetype", "x" * 200, "x" * 201),
    ("media", {}, "size", 2**62 - 1, 2**62),
    ("media", {}, "seconds", 0, -1),
]


@pytest.mark.parametrize(("part", "rest", "key", "most", "more"), PARTS, ids=lambda value: str(value)[:20])
def test_a_part_of_a_message_has_bounds(
    part: str, rest: dict[str, Any], key: str, most: object, more: object
) -> None:
    assert is_event(MESSAGE, **{part: {**rest, key: most}})
    assert not is_event(MESSAGE, **{part: {**rest, key: more}})


def test_a_message_mentions_1024_accounts_at_most() -> None:
    assert is_event(MESSAGE, mentions=["x" * 200] * 1_024)
    assert not is_event(MESSAGE, mentions=["x"] * 1_025)
    assert not is_event(MESSAGE, mentions=["x" * 201])
