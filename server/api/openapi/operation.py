"""What one route takes and answers, for its description: the part of it that no type says."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from server.core.errors import MotteError

JSON = "application/json"

Errors = tuple[type[MotteError], ...]


class Response(NamedTuple):
    """One way in which a request may succeed."""

    description: str
    #: The type that is rendered, or a JSON schema for what is none; None: no body.
    document: Any = None
    kinds: tuple[str, ...] = (JSON,)
    #: What else may come instead: kinds with their JSON schemas.
    other_kinds: Mapping[str, Any] = {}
    #: What its head says beside, with what it means.
    headers: Mapping[str, str] = {}


class Parameter(NamedTuple):
    """A header that a request may carry."""

    name: str
    description: str


class Operation(NamedTuple):
    """One route, as its description needs it. The handler's docstring says what it does."""

    tag: str
    answers: Mapping[int, Response]
    body: Any = None
    needs_body: bool = False
    example: Any = None
    query: Any = None
    headers: tuple[Parameter, ...] = ()
    #: Beside those that every route may answer with.
    errors: Errors = ()
