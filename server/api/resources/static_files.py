"""Styles, scripts and pictures of the pages, the same for everybody."""

import hashlib
from functools import cache
from pathlib import PurePath
from typing import NamedTuple

from aiohttp import web

from server.api.conditional import held_etags
from server.api.openapi.content import CSS, JAVASCRIPT, SVG
from server.api.openapi.operation import Operation, PathParameter, Response
from server.api.openapi.parameters import IF_NONE_MATCH
from server.api.route import Route
from server.core import errors
from server.web.templates import FOLDER

#: Content types by the end of a file's name. Other files of the folder are not served here.
CONTENT_TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class StaticFile(NamedTuple):
    """A file of the package in memory."""

    body: bytes
    content_type: str
    etag: str


async def show_file(request: web.Request) -> web.Response:
    """Returns a style, a script or a picture. Browsers ask each time whether it has changed."""
    file = _files().get(request.match_info["asset"])
    if file is None:
        raise web.HTTPNotFound
    return _response(request, file)


async def show_icon(request: web.Request) -> web.Response:
    """Returns the icon that browsers request for addresses that are no pages."""
    return _response(request, _files()["favicon.svg"])


def _response(request: web.Request, file: StaticFile) -> web.Response:
    headers = {"ETag": f'"{file.etag}"', "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    if file.etag in held_etags(request.headers):
        return web.Response(status=304, headers=headers)
    return web.Response(body=file.body, content_type=file.content_type, charset="utf-8", headers=headers)


@cache
def _files() -> dict[str, StaticFile]:
    """The files by name. Names are looked up here only, so no name from a caller is used as a path."""
    bodies = {name: (FOLDER / name).read_bytes() for name in _names()}
    return {
        name: StaticFile(body, CONTENT_TYPES[PurePath(name).suffix], hashlib.sha256(body).hexdigest()[:20])
        for name, body in bodies.items()
    }


def _names() -> list[str]:
    return [entry.name for entry in FOLDER.iterdir() if entry.suffix in CONTENT_TYPES]


_FILE_ETAG = {"ETag": "changes when the file changes"}

_FILE = Operation(
    "Pages",
    path={
        "asset": PathParameter(
            "a style, a script or a picture of a page", {"type": "string", "enum": sorted(_names())}
        )
    },
    headers=(IF_NONE_MATCH,),
    responses={
        200: Response("the file", CSS | JAVASCRIPT | SVG, headers=_FILE_ETAG),
        304: Response("the file that you have is current", headers=_FILE_ETAG),
    },
    errors=(errors.NotFound,),
)

_ICON = Operation(
    "Pages",
    headers=(IF_NONE_MATCH,),
    responses={
        200: Response("the icon", SVG, headers=_FILE_ETAG),
        304: Response("the icon that you have is current", headers=_FILE_ETAG),
    },
)

ROUTES = (
    Route("GET", "/pages/{asset}", show_file, scope=None, operation=_FILE),
    Route("GET", "/favicon.ico", show_icon, scope=None, operation=_ICON),
)
