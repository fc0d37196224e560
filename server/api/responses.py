"""What every answer looks like."""

from typing import Any

import msgspec
from aiohttp import web


def answer(
    document: Any, *, status: int = 200, headers: dict[str, str] | None = None, kind: str = "application/json"
) -> web.Response:
    """A JSON document that no cache may keep: it may carry a code."""
    return web.Response(
        body=msgspec.json.encode(document) + b"\n",
        status=status,
        headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", **(headers or {})},
        content_type=kind,
    )
