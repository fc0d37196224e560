"""Every answer that a test of this folder gets, held against the API's own description."""

from functools import cache
from typing import Any

import msgspec
from aiohttp import web
from aiohttp.test_utils import TestServer

from server.api.openapi.document import describe
from server.api.routes import BY_HANDLER
from server.documents.problem import PROBLEM_JSON

#: Headers that mean something to programs; the others are the same for every answer.
TELLING = (
    "Allow",
    "ETag",
    "Expires",
    "Location",
    "Preference-Applied",
    "Retry-After",
    "Set-Cookie",
    "WWW-Authenticate",
)


class HeldServer(TestServer):
    """A server that, when it closes, has given no answer which its route does not describe."""

    def __init__(self, app: web.Application) -> None:
        super().__init__(app)
        #: In words.
        self._undescribed: set[str] = set()
        app.on_response_prepare.append(self._look)

    async def close(self) -> None:
        await super().close()
        assert not self._undescribed, self._undescribed

    async def _look(self, request: web.Request, response: web.StreamResponse) -> None:
        """Called by aiohttp before an answer is sent."""
        route = BY_HANDLER.get(request.match_info.handler)
        if route is not None:
            where = f"{route.method} {route.path}"
            described = _responses()[where].get(str(response.status))
            self._undescribed |= {f"{where} {told}" for told in _missing(response, described)}


@cache
def _responses() -> dict[str, dict[str, Any]]:
    """By method and path: what is described, by status."""
    return {
        f"{method.upper()} {path}": operation["responses"]
        for path, methods in describe()["paths"].items()
        for method, operation in methods.items()
    }


def _missing(response: web.StreamResponse, described: dict[str, Any] | None) -> list[str]:
    """What the description of an answer with this status lacks."""
    if described is None:
        return [str(response.status)]
    missing = [
        name for name in TELLING if name in response.headers and name not in described.get("headers", {})
    ]
    body = response.body if isinstance(response, web.Response) else None
    shown = described.get("content", {}).get(response.content_type)
    if shown is None:
        is_empty = isinstance(response, web.Response) and not body
        missing += [] if is_empty else [response.content_type]
    elif response.content_type == PROBLEM_JSON and isinstance(body, bytes):
        code = msgspec.json.decode(body)["code"]
        missing += [] if code in shown["examples"] else [code]
    return [f"{response.status} {name}" for name in missing]
