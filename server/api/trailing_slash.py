"""Redirects an address that ends with a slash to the same address without it, if that one exists."""

from http import HTTPStatus

from aiohttp import web

#: For people whose client does not follow redirects.
HINT = (
    "This address has no slash at its end. Nothing was done: leave the slash out, or follow the redirect.\n"
)


async def redirect(request: web.Request) -> web.Response | None:
    """Returns the redirect; None if there is no such address.

    It is relative, because a proxy may have put the API under a path. A client sends the same method and
    body again.
    """
    path, query = request.rel_url.raw_path, request.rel_url.raw_query_string
    shorter, _, rest = path.rpartition("/")
    last = shorter.rpartition("/")[2]
    if rest or last in ("", ".", "..") or not await _exists(request, shorter):
        return None
    address = f"../{last}" + (f"?{query}" if query else "")
    return web.Response(
        status=HTTPStatus.PERMANENT_REDIRECT,
        headers={"Location": address, "Cache-Control": "no-store"},
        text=HINT,
    )


async def _exists(request: web.Request, path: str) -> bool:
    url = request.rel_url.with_path(path, encoded=True)
    match = await request.app.router.resolve(request.clone(rel_url=url))
    return not isinstance(match.http_exception, web.HTTPNotFound)
