"""The id of the current request."""

import random
import re
import uuid
from contextvars import ContextVar, Token

#: Callers, and proxies in front of Motte, may send an id in this header; every response has it.
HEADER = "X-Request-Id"

#: Ids that Motte accepts: they appear in logs and in headers.
_VALID = re.compile(r"[A-Za-z0-9_.:=+/-]{1,128}")

#: Version 4 of a UUID, and the bits that it leaves free. uuid.uuid4 does the same at ten times the cost.
_VERSION = 0x4000_8000_0000_0000_0000
_FREE = ~0xF000_C000_0000_0000_0000

#: Empty outside of a request. Tasks that a request starts keep its id.
_current: ContextVar[str] = ContextVar("request_id", default="")


def accepted(given: str | None) -> str:
    """Returns the id that the caller sent if it is valid, else a new one: a UUID without its dashes."""
    if given is not None and _VALID.fullmatch(given):
        return given
    return f"{random.getrandbits(128) & _FREE | _VERSION:032x}"


def current() -> str:
    """Returns the id of the current request; empty outside of a request."""
    return _current.get()


def begin(request_id: str) -> Token[str]:
    """Makes this the current id until `end`."""
    return _current.set(request_id)


def end(begun: Token[str]) -> None:
    """Restores the id before `begin`."""
    _current.reset(begun)


def instance() -> str:
    """Returns the `instance` of a problem document: the request's id if it is a UUID, else a new UUID."""
    try:
        return uuid.UUID(current()).urn
    except ValueError:
        return uuid.uuid4().urn
