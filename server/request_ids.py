"""The id of the request that is being answered."""

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

#: Callers, and the proxies before us, send theirs in it; every answer has it.
HEADER = "X-Request-Id"

#: Anything else is not taken over: it would stand in logs and in a head.
_SANE = re.compile(r"[A-Za-z0-9_.:=+/-]{1,128}")

#: Empty: no request is being answered. Tasks that a request begins keep its id.
_current: ContextVar[str] = ContextVar("request_id", default="")


def accepted(given: str | None) -> str:
    """The id that the caller gave, if it may stay; else a new one."""
    return given if given is not None and _SANE.fullmatch(given) else str(uuid.uuid4())


def current() -> str:
    """The id of the request on whose behalf this runs; empty where it is on nobody's."""
    return _current.get()


@contextmanager
def during(request_id: str) -> Iterator[None]:
    """Let this be the current one for the block."""
    before = _current.set(request_id)
    try:
        yield
    finally:
        _current.reset(before)


def instance() -> str:
    """Names a problem that happens now: the request's id, unless the caller chose one that is no UUID."""
    try:
        return uuid.UUID(current()).urn
    except ValueError:
        return uuid.uuid4().urn
