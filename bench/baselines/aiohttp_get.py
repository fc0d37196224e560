"""A bare aiohttp handler: checks a key, and returns the same bytes each time. aiohttp_get.py KEY BODY"""

import asyncio
import hashlib
import json
import sys

from aiohttp import web

KEYS = {hashlib.sha256(sys.argv[1].encode()).hexdigest(): "bench"}
BODY = sys.argv[2].encode()


async def get(request: web.Request) -> web.Response:
    """Answers like `GET /sessions/{id}`."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or hashlib.sha256(token.encode()).hexdigest() not in KEYS:
        raise web.HTTPUnauthorized
    return web.Response(body=BODY, content_type="application/json")


async def main() -> None:
    app = web.Application()
    app.router.add_get("/sessions/{id}", get)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    _, port = runner.addresses[0][:2]
    sys.stdout.write(json.dumps({"port": port}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


asyncio.run(main())
