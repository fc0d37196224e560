"""A page about each error, at the address that is the `type` of its problem document (RFC 9457)."""

from functools import cache

from aiohttp import web

from server.api.openapi.content import html_body
from server.api.openapi.operation import Operation, PathParameter, Response
from server.api.route import Route
from server.core import errors
from server.core.errors import MotteError
from server.web import problem_texts
from server.web.templates import HEADERS, Markup, formatted, page


async def show_problem(request: web.Request) -> web.Response:
    """Returns a page that explains an error."""
    kind = _kinds().get(request.match_info["code"])
    if kind is None:
        raise web.HTTPNotFound
    return web.Response(body=_page(kind), content_type="text/html", charset="utf-8", headers=HEADERS)


def _page(kind: type[MotteError]) -> bytes:
    text = problem_texts.TABLE[kind.code]
    return page(
        "problem.html",
        code=kind.code,
        status=str(kind.status),
        title=formatted(kind.title()),
        detail=_paragraph(kind.default_detail()),
        when=formatted(text.when),
        what_to_do=formatted(text.what_to_do),
        retry=(
            "The same request fails again until something changes."
            if kind.retry_after is None
            else "The same request may succeed later: the header Retry-After says after how many seconds."
        ),
    )


def _paragraph(sentence: str) -> Markup:
    """Returns a sentence without its full stop as a paragraph; nothing if it is empty."""
    return Markup(f"<p>{formatted(sentence)}.</p>" if sentence else "")


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
