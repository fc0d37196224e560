"""Posts signed bodies to one address with aiohttp, one in flight in each lane: what a delivery costs bare.

Reads lines of JSON: `url`, `secret` and `lanes`, each a list of [id, body]. Prints `posted`: their seconds.
"""

import asyncio
import hmac
import json
import sys
import time
from base64 import b64decode, b64encode
from typing import Any

from aiohttp import ClientSession, ClientTimeout, TCPConnector


def headers(event_id: str, body: bytes, key: bytes) -> dict[str, str]:
    """Returns those of Standard Webhooks."""
    now = int(time.time())
    digest = hmac.digest(key, b"%s.%d." % (event_id.encode(), now) + body, "sha256")
    return {
        "Content-Type": "application/json",
        "webhook-id": event_id,
        "webhook-timestamp": str(now),
        "webhook-signature": "v1," + b64encode(digest).decode(),
    }


async def post(http: ClientSession, url: str, key: bytes, lane: list[tuple[str, bytes]]) -> None:
    """Posts the bodies of a lane, one after the other."""
    for event_id, body in lane:
        async with http.post(url, data=body, headers=headers(event_id, body, key)) as answer:
            assert answer.status == 204
            await answer.read()


async def serve(request: dict[str, Any]) -> float:
    """Returns the seconds that all bodies took."""
    key = b64decode(request["secret"].removeprefix("whsec_"))
    lanes = [[(event_id, body.encode()) for event_id, body in lane] for lane in request["lanes"]]
    connector = TCPConnector(limit=0)
    async with ClientSession(connector=connector, timeout=ClientTimeout(total=15)) as http:
        begun = time.perf_counter()
        await asyncio.gather(*(post(http, request["url"], key, lane) for lane in lanes))
        return time.perf_counter() - begun


for line in sys.stdin:
    seconds = asyncio.run(serve(json.loads(line)))
    sys.stdout.write(json.dumps({"posted": seconds}) + "\n")
    sys.stdout.flush()
