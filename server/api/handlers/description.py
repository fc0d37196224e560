"""What describes the API: OpenAPI for programs, Swagger UI for people."""

from collections.abc import Callable
from importlib.resources import files

from aiohttp import web

#: Swagger UI writes styles into its page and shows pictures of its own; nothing comes from elsewhere.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

#: What the page needs, packed where it is large.
ASSETS = {
    "swagger-ui-bundle.js": ("swagger-ui-bundle.js.gz", "text/javascript"),
    "swagger-ui.css": ("swagger-ui.css.gz", "text/css"),
    "start.js": ("start.js", "text/javascript"),
}

FOLDER = files("server") / "web" / "static" / "swagger"

#: Draws /openapi.json. It describes the handlers too, so it stands above them.
DESCRIBE: web.AppKey[Callable[[], bytes]] = web.AppKey("describe")


async def show_openapi(request: web.Request) -> web.Response:
    """GET /openapi.json: this description."""
    return web.Response(body=request.app[DESCRIBE](), content_type="application/json")


async def show_swagger(request: web.Request) -> web.Response:
    """GET /docs: this description, to read and to try."""
    return web.Response(
        body=(FOLDER / "index.html").read_bytes(),
        content_type="text/html",
        charset="utf-8",
        headers={"Content-Security-Policy": POLICY, "Referrer-Policy": "no-referrer"},
    )


async def show_swagger_asset(request: web.Request) -> web.Response:
    """GET /docs/{file}: what the page at /docs needs."""
    found = ASSETS.get(request.match_info["file"])
    if found is None:
        raise web.HTTPNotFound
    file, kind = found
    packed = {"Content-Encoding": "gzip"} if file.endswith(".gz") else {}
    return web.Response(body=(FOLDER / file).read_bytes(), content_type=kind, headers=packed)
