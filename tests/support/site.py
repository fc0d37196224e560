"""WhatsApp's site as a look-up of the version meets it: a service worker on loopback, good or bad."""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import web

from tests.support.http_server import http_server

#: A key and a certificate for localhost that nobody trusts.
SELF_SIGNED = Path(__file__).with_name("self_signed.pem")

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def worker(revision: object) -> str:
    """As the site writes it: the configuration is JSON inside a text."""
    return f'/*FB_PKG_DELIM*/\n(()=>{{self.config=\'{{\\"client_revision\\":{revision},\\"x\\":1}}\'}})();\n'


def text(body: str | bytes, status: int = 200, **headers: str) -> Answer:
    """Always the same answer."""

    async def answer(request: web.BaseRequest) -> web.Response:
        content = body.encode() if isinstance(body, str) else body
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=content, status=status, headers=named)

    return answer


class Site:
    """What is served, and how often somebody asked."""

    def __init__(self) -> None:
        self.url = ""
        self.asked = 0
        #: Of each request.
        self.headers: list[dict[str, str]] = []
        self._answers: dict[str, Answer] = {}

    def serves(self, answer: Answer, path: str = "/sw.js") -> None:
        self._answers[path] = answer

    def announces(self, revision: int) -> None:
        """The worker of this revision, from now on."""
        self.serves(text(worker(revision)))

    async def respond(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked += 1
        self.headers.append(dict(request.headers))
        answer = self._answers.get(request.path)
        return await answer(request) if answer else web.Response(status=404)


@asynccontextmanager
async def site(*, has_tls: bool = False) -> AsyncGenerator[Site]:
    """One that listens until the block ends."""
    found = Site()
    context = None
    if has_tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(SELF_SIGNED)
    async with http_server(found.respond, context=context) as origin:
        found.url = f"{origin}/sw.js"
        yield found


async def trickle(request: web.BaseRequest) -> web.StreamResponse:
    """A byte now and then, for ever."""
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b" ")
        await asyncio.sleep(0.01)
