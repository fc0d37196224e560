"""What the pages that people see are made of: styles, scripts and a picture, the same for everyone."""

import hashlib
from functools import cache
from pathlib import PurePath
from typing import NamedTuple

from aiohttp import web

from server.web.templates import FOLDER

#: What may be had: by the end of its name. Pages themselves have addresses of their own.
KINDS = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


class File(NamedTuple):
    """A file of the package, as an answer."""

    body: bytes
    kind: str
    tag: str


async def show_file(request: web.Request) -> web.Response:
    """GET /pages/{asset}: a style, a script or a picture. Browsers ask each time whether it has changed."""
    file = _files().get(request.match_info["asset"])
    if file is None:
        raise web.HTTPNotFound
    headers = {"ETag": f'"{file.tag}"', "Cache-Control": "no-cache", "X-Content-Type-Options": "nosniff"}
    if file.tag in {tag.value for tag in request.if_none_match or ()}:
        return web.Response(status=304, headers=headers)
    return web.Response(body=file.body, content_type=file.kind, charset="utf-8", headers=headers)


def names() -> list[str]:
    """Every file that can be had."""
    return list(_files())


@cache
def _files() -> dict[str, File]:
    """Only what lies there can be had: no name that a caller sends is a path."""
    return {
        entry.name: File(body, kind, hashlib.sha256(body).hexdigest()[:20])
        for entry in FOLDER.iterdir()
        if (kind := KINDS.get(PurePath(entry.name).suffix)) and (body := entry.read_bytes())
    }
