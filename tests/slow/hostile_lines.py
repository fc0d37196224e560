"""Lines that a connector would write if an attacker had taken it over."""

import json
import random
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count, cycle, repeat
from typing import Any

#: Bytes of a piece: many times what a pipe holds.
PIECE_BYTES = 1 << 20

_REASON = {"code": "connection-lost", "detail": "d" * 500}
_MESSAGE: dict[str, Any] = {
    "id": "a",
    "chat": "c",
    "sender": "s",
    "fromMe": False,
    "sentAt": 0,
    "kind": "text",
    "text": "t" * 1000,
}
_QR: dict[str, Any] = {"ordinal": 1, "payload": "p" * 2953, "issuedAt": 1.0, "lifetime": 60.0}

#: The members of each event besides `event`, `epoch` and `seq`.
EVENTS: dict[str, dict[str, Any]] = {
    "up": {},
    "ready": {"front": "0" * 16},
    "pong": {},
    "snapshot": {"phase": "open", "qr": _QR, "phoneNumber": "15551234567", "pushName": "n" * 200},
    "qr_issued": _QR,
    "pairing_code_awaited": {"until": 1e9},
    "qrs_exhausted": {},
    "scan_refused": {"reason": _REASON},
    "pairing_code_issued": {"request": "r", "code": "ABCD1234", "issuedAt": 1.0, "lifetime": 60.0},
    "pairing_code_refused": {"request": "r", "reason": _REASON},
    "pairing_code_withdrawn": {},
    "paired": {"phoneNumber": "15551234567", "pushName": "n" * 200},
    "opened": {"phoneNumber": "15551234567", "pushName": "n" * 200},
    "closed": {"reason": _REASON, "retryIn": 1},
    "logged_out": {"reason": _REASON},
    "message_received": _MESSAGE,
    "message_skipped": {"times": 1},
    "ended": {"state": "EXITED", "exit": 0},
}


def rubbish() -> Iterator[bytes]:
    """Bytes of any kind."""
    return repeat(random.Random(7).randbytes(PIECE_BYTES))  # noqa: S311 - no secret


def empty_lines() -> Iterator[bytes]:
    """Nothing but ends of lines."""
    return repeat(b"\n" * PIECE_BYTES)


def long_lines() -> Iterator[bytes]:
    """Lines of a mebibyte."""
    return repeat(b"x" * (1 << 20) + b"\n")


def endless_line() -> Iterator[bytes]:
    """A line that never ends."""
    return repeat(b"x" * PIECE_BYTES)


def huge_words() -> Iterator[bytes]:
    """Events with texts without measure."""
    for seq in count(1):
        yield line("qr_issued", **{**_QR, "payload": "p" * 900_000})
        yield line("opened", seq=seq, phoneNumber="1555", pushName="n" * 900_000)


def forged_ids() -> Iterator[bytes]:
    """Messages whose ids and addresses are no such thing."""
    odd = ("__proto__", "../../motte.db", "\x00", "\uffff", "'; DROP TABLE sessions; --", "x" * 200)
    for seq, word in zip(count(1), cycle(odd)):
        yield line("message_received", seq=seq, **{**_MESSAGE, "id": f"{word}{seq}"[:200], "chat": word})


def epochs_at_the_edge() -> Iterator[bytes]:
    """Events of starts and with numbers at and beyond what a database can hold."""
    edges = (2**62, 2**63, -1, 0, 1, 2**53, 2**62 - 1)
    for edge in cycle(edges):
        yield line("closed", epoch=edge, seq=edge, reason=_REASON)
        yield line("qr_issued", epoch=edge, **_QR)


def flood(event: str) -> Iterator[bytes]:
    """One kind of event, valid and without end."""
    for seq in count(1):
        yield line(event, seq=seq, **EVENTS[event])


def line(event: str, *, epoch: int = 1, seq: int = 1, **members: Any) -> bytes:
    return json.dumps({"event": event, "epoch": epoch, "seq": seq, **members}).encode() + b"\n"


#: What each attack writes.
ATTACKS: dict[str, Callable[[], Iterator[bytes]]] = {
    **{
        make.__name__: make
        for make in (rubbish, empty_lines, long_lines, endless_line, huge_words, forged_ids)
    },
    "epochs_at_the_edge": epochs_at_the_edge,
    **{f"flood_of_{event}": partial(flood, event) for event in EVENTS},
}
