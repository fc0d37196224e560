"""A page about each error, at the address that is the `type` of its problem document (RFC 9457)."""

from functools import cache

from aiohttp import web

from server.api.openapi.content import html_body
from server.api.openapi.operation import Operation, PathParameter, Response
from server.api.route import Route
from server.core import errors
from server.core.errors import MotteError
from server.web.templates import HEADERS, page


async def show_problem(request: web.Request) -> web.Response:
    """Returns a page that explains an error."""
    kind = _kinds().get(request.match_info["code"])
    if kind is None:
        raise web.HTTPNotFound
    return web.Response(body=_page(kind), content_type="text/html", charset="utf-8", headers=HEADERS)


def _page(kind: type[MotteError]) -> bytes:
    return page(
        "problem.html",
        code=kind.code,
        status=str(kind.status),
        title=kind.title(),
        detail=kind.default_detail(),
        retry=(
            "The same request fails again until something changes."
            if kind.retry_after is None
            else "The same request may succeed later: the header Retry-After says after how many seconds."
        ),
    )


@cache
def _kinds() -> dict[str, type[MotteError]]:
    """Every class of error that callers see, by its code."""
    return {kind.code: kind for kind in errors.kinds()}


_PROBLEM = Operation(
    "Description",
    path={"code": PathParameter("the code of an error", {"type": "string", "enum": sorted(_kinds())})},
    responses={200: Response("what the error means", html_body("qr-timeout"))},
    errors=(errors.NotFound,),
)

ROUTES = (Route("GET", "/problems/{code}", show_problem, scope=None, operation=_PROBLEM),)
