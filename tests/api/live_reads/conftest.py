"""Reads that are answered from memory, and the same by the long way."""

from collections import Counter

import pytest

from server.api.live_reads import LiveReads
from tests.api.conftest import Front

#: A preference that a read ignores, as RFC 7240 requires. With it, the read takes the long way.
LONG = {"Prefer": "respond-async"}


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> Counter[bool]:
    """Counts the requests that were answered from memory (True), and the others (False)."""
    counted: Counter[bool] = Counter()
    response = LiveReads.response

    def counting(self: LiveReads, request: object) -> object:
        ready = response(self, request)  # type: ignore[arg-type]
        counted[ready is not None] += 1
        return ready

    monkeypatch.setattr(LiveReads, "response", counting)
    return counted


async def seen(front: Front, headers: dict[str, str] | None = None) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of a read, but for what differs from one to the next."""
    response = await front.get("/sessions/shop", headers={"X-Request-Id": "one", **(headers or {})})
    told = {name: text for name, text in response.headers.items() if name != "Date"}
    assert "Date" in response.headers
    return response.status, told, await response.read()


async def assert_both_ways(front: Front, short: Counter[bool], headers: dict[str, str] | None = None) -> None:
    """A read gets the same answer from memory as by the long way."""
    long = await seen(front, {**(headers or {}), **LONG})
    short.clear()
    assert await seen(front, headers) == long
    assert short == {True: 1}
