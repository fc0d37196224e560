"""Requests that wait for a change, as `Prefer: wait` asks."""

from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from server.assembly import GATEWAY, KEY
from server.core import caller


@contextmanager
def waiting(request: web.Request, wait: float | None) -> Iterator[None]:
    """Counts the request as a stream until the block ends, if its key is bound. Raises Overloaded.

    It holds a connection like a stream, and a bound key must leave some to the others. Thousands of requests
    of a key for every session may wait.
    wait: seconds; None: it does not wait. Wait in the block with `while_connected`.
    """
    if wait is None or request[KEY].sessions is None:
        yield
        return
    with request.app[GATEWAY].stream_limit.slot(caller.current()):
        yield
