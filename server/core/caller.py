"""The caller that the current work is done for, so that callers take turns."""

from contextvars import ContextVar

#: What nobody requested, such as the starts after a start of Motte.
ITSELF = "motte"
#: Everybody who holds a scan link: anybody could have been given many of them.
SCAN_LINKS = "scan links"

#: Tasks that a request starts keep its caller. aiohttp runs each request in a task of its own.
_current: ContextVar[str] = ContextVar("caller", default=ITSELF)


def current() -> str:
    """Returns the caller of the current request; ITSELF outside of a request."""
    return _current.get()


def with_key(name: str) -> str:
    """Returns the caller that has the API key of this name."""
    return f"key {name}"


def set_current(caller: str) -> None:
    """Makes this the caller for the rest of the current task, and the tasks that it starts."""
    _current.set(caller)
