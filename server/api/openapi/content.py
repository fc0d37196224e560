"""Bodies of responses by content type, with their examples."""

from collections.abc import Mapping
from typing import Any

import msgspec

from server.api.openapi.operation import HTML, JSON, SSE, Content

#: The JSON schema of a body that is text.
TEXT = {"type": "string"}

SVG = {"image/svg+xml": Content(TEXT, '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 61 61">…</svg>')}
JAVASCRIPT = {"text/javascript": Content(TEXT, "// @ts-check\n…")}
CSS = {"text/css": Content(TEXT, "body {\n  margin: 0;\n}\n…")}


def json_body(schema: Any, example: Any) -> Mapping[str, Content]:
    """A JSON document. schema: its type, or a JSON schema."""
    return {JSON: Content(schema, example)}


def html_body(title: str) -> Mapping[str, Content]:
    """A page with this title."""
    return {HTML: Content(TEXT, f'<!doctype html>\n<html lang="en">\n<head>\n<title>{title}</title>…')}


def event_stream(*events: tuple[str, Any], cursor: str | None = None) -> Mapping[str, Content]:
    """The beginning of a stream of server-sent events. events: names with their data. cursor: after them."""
    lines = ["retry: 2000\n\n"]
    lines += [f"event: {name}\ndata: {msgspec.json.encode(data).decode()}\n\n" for name, data in events]
    if cursor is not None:
        lines.append(f"id: {cursor}\n\n")
    return {SSE: Content(TEXT, "".join(lines))}
