"""The description of the API: OpenAPI for programs, Swagger UI for people."""

import platform
from collections.abc import Callable
from typing import Annotated

from aiohttp import web
from msgspec import Meta

from server.api.openapi.content import CSS, JAVASCRIPT, html_body, json_body
from server.api.openapi.operation import Operation, PathParameter, Response
from server.api.responses import json_response
from server.api.route import Route
from server.assembly import GATEWAY
from server.auth.api_keys import Scope
from server.core import errors
from server.core.version import VERSION
from server.documents.document import Document
from server.web.templates import FOLDER as STATIC

#: Swagger UI writes styles into its page and shows pictures of its own. Everything else comes from this host.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

#: Files of the page: address -> file, compressed if it is large, and content type.
ASSETS = {
    "swagger-ui-bundle.js": ("swagger-ui-bundle.js.gz", "text/javascript"),
    "swagger-ui.css": ("swagger-ui.css.gz", "text/css"),
    "start.js": ("start.js", "text/javascript"),
}

FOLDER = STATIC / "swagger"

#: Returns /openapi.json. The application provides it, because it reads the routes, these among them.
DESCRIBE: web.AppKey[Callable[[], bytes]] = web.AppKey("describe")


class BuildDocument(Document, frozen=True):
    """What runs."""

    version: Annotated[str, Meta(description="Motte's version")]
    python: Annotated[str, Meta(description="Python's version")]
    is_sandbox: Annotated[bool, Meta(description="whether WhatsApp is simulated")]


async def show_version(request: web.Request) -> web.Response:
    """Returns the version of Motte that runs. Any key may read it that may read sessions."""
    return json_response(
        BuildDocument(
            version=VERSION,
            python=platform.python_version(),
            is_sandbox=request.app[GATEWAY].settings.sandbox,
        )
    )


async def show_openapi(request: web.Request) -> web.Response:
    """Returns this description as OpenAPI."""
    return web.Response(body=request.app[DESCRIBE](), content_type="application/json")


async def show_swagger(request: web.Request) -> web.Response:
    """Returns a page to read this description and to try requests."""
    return web.Response(
        body=(FOLDER / "index.html").read_bytes(),
        content_type="text/html",
        charset="utf-8",
        headers={"Content-Security-Policy": CONTENT_SECURITY_POLICY, "Referrer-Policy": "no-referrer"},
    )


async def show_swagger_asset(request: web.Request) -> web.Response:
    """Returns a file of the page at /docs."""
    asset = ASSETS.get(request.match_info["file"])
    if asset is None:
        raise web.HTTPNotFound
    file, content_type = asset
    headers = {"Content-Encoding": "gzip"} if file.endswith(".gz") else {}
    return web.Response(body=(FOLDER / file).read_bytes(), content_type=content_type, headers=headers)


_VERSION = Operation(
    "Description",
    responses={
        200: Response(
            "what runs",
            json_body(
                BuildDocument,
                BuildDocument(version=VERSION, python=platform.python_version(), is_sandbox=False),
            ),
        )
    },
)
_OPENAPI = Operation(
    "Description",
    responses={
        200: Response(
            "OpenAPI 3.1",
            json_body(
                {"type": "object"},
                {
                    "openapi": "3.1.0",
                    "info": {"title": "Motte", "version": VERSION},
                    "paths": {"/": {}},
                },
            ),
        )
    },
)
_SWAGGER = Operation("Description", responses={200: Response("Swagger UI", html_body("Motte's API"))})
_SWAGGER_ASSET = Operation(
    "Description",
    path={"file": PathParameter("a file of that page", {"type": "string", "enum": sorted(ASSETS)})},
    responses={200: Response("a script or a style", JAVASCRIPT | CSS)},
    errors=(errors.NotFound,),
)

ROUTES = (
    Route("GET", "/version", show_version, scope=Scope.READ, operation=_VERSION, filters_by_key=True),
    Route("GET", "/openapi.json", show_openapi, scope=None, operation=_OPENAPI),
    Route("GET", "/docs", show_swagger, scope=None, operation=_SWAGGER),
    Route("GET", "/docs/{file}", show_swagger_asset, scope=None, operation=_SWAGGER_ASSET),
)
