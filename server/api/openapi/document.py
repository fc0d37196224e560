"""The API described, OpenAPI 3.1: drawn from the table of routes and the types that validate and render."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import version
from inspect import getdoc
from itertools import groupby
from typing import Any

import msgspec

from server.api.openapi.examples import EXAMPLES
from server.api.openapi.operation import Operation, Parameter, Response
from server.api.openapi.operations import EVERYWHERE, IN_PATH, KEYED, OPERATIONS
from server.api.routes import ROUTES, Route
from server.api.schemas.responses import Problem
from server.auth.csrf import GUARD, GUARD_VALUE
from server.auth.login_cookies import COOKIE
from server.core.errors import MotteError

PROBLEM_KIND = "application/problem+json"

_REF = "#/components/schemas/{name}"

#: What a caller may show; one of them is enough. The last one is for browsers, which log in to get it.
_KEYS: dict[str, dict[str, Any]] = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
    "evolution": {"type": "apiKey", "in": "header", "name": "apikey"},
    "cookie": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": f"What `POST /login` gives a browser. A change needs `{GUARD}: {GUARD_VALUE}` too.",
    },
}

_RETRY = {"Retry-After": "seconds after which the same request may succeed"}


def openapi() -> bytes:
    """The whole document as JSON."""
    return _encoded()


@cache
def _encoded() -> bytes:
    return msgspec.json.encode(describe()) + b"\n"


def describe() -> dict[str, Any]:
    """The whole document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Motte",
            "version": version("motte"),
            "description": "A WhatsApp session gateway: a QR code that it answers with can be scanned.",
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "paths": {
            path: {route.method.lower(): _operation(route) for route in routes}
            for path, routes in groupby(sorted(ROUTES, key=_path), _path)
        },
        "components": {
            "schemas": _schemas(),
            "securitySchemes": _KEYS,
        },
        "tags": [{"name": tag} for tag in dict.fromkeys(o.tag for o in OPERATIONS.values())],
    }


def _path(route: Route) -> str:
    return route.path


def _operation(route: Route) -> dict[str, Any]:
    operation = OPERATIONS[route.handler]
    text = getdoc(route.handler) or ""
    summary, _, description = text.partition(": ")[2].partition("\n")
    described: dict[str, Any] = {
        "operationId": route.handler.__name__,
        "tags": [operation.tag],
        "summary": summary.strip().rstrip(".").capitalize(),
        "description": "\n".join(filter(None, (description.strip(), _needs(route)))),
        "parameters": [*_in_path(route), *_in_query(operation), *map(_in_head, operation.headers)],
        "responses": _responses(route, operation),
        "security": [] if route.scope is None else [{name: []} for name in _KEYS],
    }
    if operation.body is not None:
        described["requestBody"] = {
            "required": operation.needs_body,
            "content": {
                "application/json": {"schema": _schema(operation.body), "example": operation.example}
            },
        }
    return described


def _needs(route: Route) -> str:
    return "Open to everyone." if route.scope is None else f"Needs a key with the scope `{route.scope}`."


def _in_path(route: Route) -> Iterable[dict[str, Any]]:
    for name in re.findall(r"{(\w+)}", route.path):
        yield {"name": name, "in": "path", "required": True, **IN_PATH[name]}


def _in_query(operation: Operation) -> Iterable[dict[str, Any]]:
    if operation.query is None:
        return
    schema = msgspec.json.schema_components([operation.query], ref_template=_REF)[1]
    properties: Mapping[str, Any] = schema[operation.query.__name__]["properties"]
    for name, said in properties.items():
        yield {"name": name, "in": "query", "required": False, "schema": said}


def _in_head(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "header",
        "required": False,
        "description": parameter.description,
        "schema": {"type": "string"},
    }


def _responses(route: Route, operation: Operation) -> dict[str, Any]:
    shown = EXAMPLES.get(route.handler, {})
    described = {
        str(status): _answer(answer, shown.get(status, {})) for status, answer in operation.answers.items()
    }
    errors = {*operation.errors, *EVERYWHERE, *(KEYED if route.scope is not None else ())}
    for status in sorted({error.status for error in errors}):
        described[str(status)] = _problems([error for error in errors if error.status == status])
    return described


def _answer(answer: Response, examples: Mapping[str, Any]) -> dict[str, Any]:
    """One way in which a request may succeed. examples: by kind."""
    described: dict[str, Any] = {"description": answer.description, **_head(answer.headers)}
    if answer.document is not None:
        kinds = dict.fromkeys(answer.kinds, answer.document) | dict(answer.other_kinds)
        described["content"] = {
            kind: {"schema": _schema(of), **_shown(examples.get(kind))} for kind, of in kinds.items()
        }
    return described


def _shown(example: Any) -> dict[str, Any]:
    return {} if example is None else {"example": msgspec.to_builtins(example)}


def _problems(errors: Iterable[type[MotteError]]) -> dict[str, Any]:
    """What an answer with this status may mean."""
    ordered = sorted(errors, key=lambda error: error.code)
    return {
        "description": "; ".join(f"`{error.code}`: {error.title()}" for error in ordered),
        "content": {
            PROBLEM_KIND: {
                "schema": _schema(Problem),
                "examples": {error.code: {"value": _example(error)} for error in ordered},
            }
        },
        **_head({name: text for error in ordered for name, text in _said_by(error).items()}),
    }


def _said_by(error: type[MotteError]) -> Mapping[str, str]:
    """What the head of its answer may say."""
    return {**error.head, **({} if error.retry_after is None else _RETRY)}


def _head(headers: Mapping[str, str]) -> dict[str, Any]:
    """Headers of an answer, with what they mean; a bare answer has none."""
    if not headers:
        return {}
    return {
        "headers": {
            name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()
        }
    }


def _example(error: type[MotteError]) -> dict[str, Any]:
    return {
        "type": f"/problems/{error.code}",
        "title": error.title(),
        "status": error.status,
        "detail": error.advice() or error.title(),
        "instance": "urn:uuid:6f0d4c0e-5a3b-4f0a-9a39-0c1f7d5b2a11",
        "code": error.code,
        "retryable": error.retry_after is not None,
    }


def _schema(of: Any) -> dict[str, Any]:
    """Where the type is described; what is no struct is described on the spot."""
    if isinstance(of, dict):
        return of
    schemas, _ = msgspec.json.schema_components([of], ref_template=_REF)
    return dict(schemas[0])


def _schemas() -> dict[str, Any]:
    types = [Problem]
    for operation in OPERATIONS.values():
        types += [answer.document for answer in operation.answers.values()]
        types.append(operation.body)
    named = [of for of in types if isinstance(of, type)]
    return dict(msgspec.json.schema_components(named, ref_template=_REF)[1])
