"""The id of the request that is being answered."""

import random
import re
import uuid
from contextvars import ContextVar, Token

#: Callers, and the proxies before us, send theirs in it; every answer has it.
HEADER = "X-Request-Id"

#: Anything else is not taken over: it would stand in logs and in a head.
_SANE = re.compile(r"[A-Za-z0-9_.:=+/-]{1,128}")

#: Version 4 of a UUID, and the bits that it leaves free. uuid.uuid4 makes the same at ten times the cost.
_VERSION = 0x4000_8000_0000_0000_0000
_FREE = ~0xF000_C000_0000_0000_0000

#: Empty: no request is being answered. Tasks that a request begins keep its id.
_current: ContextVar[str] = ContextVar("request_id", default="")


def accepted(given: str | None) -> str:
    """The id that the caller gave, if it may stay; else a new one, which is a UUID without its dashes."""
    if given is not None and _SANE.fullmatch(given):
        return given
    return f"{random.getrandbits(128) & _FREE | _VERSION:032x}"


def current() -> str:
    """The id of the request on whose behalf this runs; empty where it is on nobody's."""
    return _current.get()


def begin(request_id: str) -> Token[str]:
    """Let this be the current one until `end`."""
    return _current.set(request_id)


def end(begun: Token[str]) -> None:
    """Let the one before it be the current one again."""
    _current.reset(begun)


def instance() -> str:
    """Names a problem that happens now: the request's id, unless the caller chose one that is no UUID."""
    try:
        return uuid.UUID(current()).urn
    except ValueError:
        return uuid.uuid4().urn
