"""Requests that are sent to a front as bytes, without an HTTP client."""

import asyncio
import json
from typing import Any

from tests.api.conftest import Front
from tests.support.time import until


async def raw(front: Front, request: bytes) -> tuple[int, dict[str, Any]]:
    """What bytes that are no proper request are answered with."""
    answer = await _answer(front, request)
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] < b"400" or b"application/problem+json" in head, answer
    return int(head.split()[1]), dict(json.loads(body))


async def in_parts(front: Front, *parts: bytes) -> dict[str, Any]:
    """The problem that is the only response to a request, which is sent in parts."""
    answer = await _answer(front, *parts)
    assert answer.count(b"HTTP/1.1 ") == 1, answer
    return dict(json.loads(answer.partition(b"\r\n\r\n")[2]))


async def _answer(front: Front, first: bytes, *rest: bytes) -> bytes:
    """All that comes until the front ends the connection. rest: sent once the front handles the request."""
    url = front.client.make_url("/")
    reader, writer = await asyncio.open_connection(url.host, url.port)
    writer.write(first)
    for part in rest:
        await until(lambda: front.whole.metrics.http.in_flight == 1)
        writer.write(part)
    answer = await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()
    return answer
