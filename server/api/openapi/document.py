"""The OpenAPI 3.1 document: made from the routes and from the types that validate and render."""

import re
from collections.abc import Iterable
from functools import cache
from inspect import getdoc
from itertools import groupby
from typing import Any

import msgspec

from server.api.openapi.error_groups import API_KEY, EVERY_ROUTE
from server.api.openapi.operation import JSON, Content, Header, Operation, PathParameter, Response
from server.api.openapi.parameters import SESSION_ID
from server.api.openapi.problems import problem_response, response_headers
from server.api.openapi.schemas import components, parameters, schema_of
from server.api.route import Route
from server.api.routes import ROUTES
from server.auth.csrf import GUARD, GUARD_VALUE
from server.auth.login_cookies import COOKIE
from server.core.version import VERSION

#: Ways to send a key; one of them is enough. The cookie is for browsers, which get it when they log in.
_SECURITY_SCHEMES: dict[str, dict[str, Any]] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
    "evolution": {"type": "apiKey", "in": "header", "name": "apikey"},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": f"The cookie of `POST /login`. A change also needs `{GUARD}: {GUARD_VALUE}`.",
    },
}


def openapi() -> bytes:
    """Returns the document as JSON; it is made once."""
    return _encoded()


@cache
def _encoded() -> bytes:
    return msgspec.json.encode(describe()) + b"\n"


def describe() -> dict[str, Any]:
    """Returns the document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Motte",
            "version": VERSION,
            "description": "A WhatsApp gateway: every QR code can be scanned, and each message is sent once.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        # Relative to this document: a proxy may have put the API under a path.
        "servers": [{"url": "."}],
        "paths": {
            path: {route.method.lower(): _operation(route) for route in routes}
            for path, routes in groupby(
                sorted(ROUTES, key=lambda route: route.path), lambda route: route.path
            )
        },
        "components": {
            "schemas": components(route.operation for route in ROUTES),
            "securitySchemes": _SECURITY_SCHEMES,
        },
        "tags": [{"name": tag} for tag in dict.fromkeys(route.operation.tag for route in ROUTES)],
    }


def _operation(route: Route) -> dict[str, Any]:
    operation = route.operation
    summary, _, description = (getdoc(route.handler) or "").partition("\n")
    needs = "Needs no key." if route.scope is None else f"Needs a key with the scope `{route.scope}`."
    described: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "tags": [operation.tag],
        "summary": summary.rstrip("."),
        "description": "\n".join(filter(None, (description.strip(), needs))),
        "parameters": [
            *_path_parameters(route),
            *_query_parameters(operation),
            *map(_header_parameter, operation.headers),
        ],
        "responses": _responses(route),
        "security": [] if route.scope is None else [{name: []} for name in _SECURITY_SCHEMES],
    }
    if (body := operation.body) is not None:
        described["requestBody"] = {
            "required": body.is_required,
            "content": {JSON: {"schema": schema_of(body.schema), "example": body.example}},
        }
    return described


def _path_parameters(route: Route) -> Iterable[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", route.path):
        parameter: PathParameter = SESSION_ID if name == "id" else route.operation.path[name]
        example = {} if parameter.example is None else {"example": parameter.example}
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": parameter.description,
            "schema": parameter.schema,
            **example,
        }


def _query_parameters(operation: Operation) -> Iterable[dict[str, Any]]:
    if operation.query is None:
        return
    for name, schema in parameters(operation.query).items():
        yield {"name": name, "in": "query", "required": False, "schema": schema}


def _header_parameter(header: Header) -> dict[str, Any]:
    return {
        "name": header.name,
        "in": "header",
        "required": False,
        "description": header.description,
        "schema": header.schema,
    }


def _responses(route: Route) -> dict[str, Any]:
    described = {str(status): _success(response) for status, response in route.operation.responses.items()}
    errors = {*route.operation.errors, *EVERY_ROUTE, *(API_KEY if route.scope is not None else ())}
    for status in sorted({error.status for error in errors}):
        described[str(status)] = problem_response([error for error in errors if error.status == status])
    return described


def _success(response: Response) -> dict[str, Any]:
    described: dict[str, Any] = {"description": response.description, **response_headers(response.headers)}
    if response.content:
        described["content"] = {
            content_type: _media_type(content) for content_type, content in response.content.items()
        }
    return described


def _media_type(content: Content) -> dict[str, Any]:
    example = {} if content.example is None else {"example": msgspec.to_builtins(content.example)}
    return {"schema": schema_of(content.schema), **example}
