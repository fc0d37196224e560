"""Error responses of the OpenAPI document."""

from collections.abc import Iterable, Mapping
from typing import Any

from server.api.openapi.schemas import schema_of
from server.core.errors import MotteError
from server.documents.problem import PROBLEM_JSON, Problem, problem_type

_RETRY_AFTER = {"Retry-After": "seconds after which the same request may succeed"}


def problem_response(errors: Iterable[type[MotteError]]) -> dict[str, Any]:
    """Returns the response with one status. errors: every error with this status."""
    ordered = sorted(errors, key=lambda error: error.code)
    headers: dict[str, str] = {}
    for error in ordered:
        headers |= error.described_headers
        headers |= {} if error.retry_after is None else _RETRY_AFTER
    return {
        "description": "; ".join(f"`{error.code}`: {error.title()}" for error in ordered),
        "content": {
            PROBLEM_JSON: {
                "schema": schema_of(Problem),
                "examples": {error.code: {"value": _example(error)} for error in ordered},
            }
        },
        **response_headers(headers),
    }


def response_headers(headers: Mapping[str, str]) -> dict[str, Any]:
    """Returns the member `headers` of a response; nothing if it has none. headers: with their meaning."""
    if not headers:
        return {}
    return {
        "headers": {
            name: {"description": text, "schema": {"type": "string"}} for name, text in headers.items()
        }
    }


def _example(error: type[MotteError]) -> dict[str, Any]:
    return {
        "type": problem_type(error.code, None),
        "title": error.title(),
        "status": error.status,
        "detail": error.default_detail() or error.title(),
        "instance": "urn:uuid:6f0d4c0e-5a3b-4f0a-9a39-0c1f7d5b2a11",
        "code": error.code,
        "retryable": error.retry_after is not None,
    }
