"""A route: an address with its handler, the scope that it needs, and its description."""

from dataclasses import KW_ONLY, dataclass

from aiohttp.typedefs import Handler

from server.api.openapi.operation import Operation
from server.auth.api_keys import Scope

#: Bytes of a request's body, unless its route says otherwise.
MAX_BODY_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address."""

    method: str
    path: str
    handler: Handler
    _: KW_ONLY
    #: The scope that the API key must have; None: the route needs no key.
    scope: Scope | None
    operation: Operation
    #: Bytes that the body of a request may have.
    max_body_bytes: int = MAX_BODY_BYTES
    #: Whether the handler itself keeps to the sessions that the API key is bound to (`request[KEY]`).
    #: A path with an `{id}` is checked before the handler runs. Any other path is closed to bound keys
    #: unless its handler filters.
    filters_by_key: bool = False
