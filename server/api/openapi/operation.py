"""How a route describes itself: what no type of its handler says. The terms are those of OpenAPI."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from server.core.errors import MotteError

JSON = "application/json"
HTML = "text/html"
SSE = "text/event-stream"

Errors = tuple[type[MotteError], ...]


class Content(NamedTuple):
    """The body of a response in one content type."""

    #: The type that is rendered, or a JSON schema.
    schema: Any
    #: None: a content type that has no text, such as a picture.
    example: Any = None


class Response(NamedTuple):
    """One successful response."""

    description: str
    #: By content type; empty: the response has no body.
    content: Mapping[str, Content] = {}
    #: Headers of the response, with their meaning.
    headers: Mapping[str, str] = {}


class Body(NamedTuple):
    """The JSON body of a request."""

    schema: type
    example: Any
    is_required: bool = False


class Header(NamedTuple):
    """A header that a request may carry."""

    name: str
    description: str
    #: A JSON schema.
    schema: Mapping[str, Any] = {"type": "string"}


class PathParameter(NamedTuple):
    """A variable part of a path."""

    description: str
    #: A JSON schema.
    schema: Mapping[str, Any]
    example: str | None = None


class Operation(NamedTuple):
    """The description of one route. Its summary is the first line of the handler's docstring."""

    tag: str
    #: By status.
    responses: Mapping[int, Response]
    body: Body | None = None
    #: The type that the query is converted to.
    query: type | None = None
    headers: tuple[Header, ...] = ()
    #: The variable parts of the path by name; every `{id}` is a session's.
    path: Mapping[str, PathParameter] = {}
    #: Errors in addition to those of every route (error_groups.py).
    errors: Errors = ()
