"""The id of the session in the address of a request."""

from aiohttp import web

from server.core.errors import no_such_session
from server.core.paths import is_session_id


def requested_id(request: web.Request) -> str:
    """Returns the `{id}` of the path. Raises NoSuchSession for a text that no session can have as its id.

    Handlers call it after they have read the rest of the request: what is wrong with that is reported first.
    """
    session_id = request.match_info["id"]
    if not is_session_id(session_id):
        raise no_such_session(session_id)
    return session_id
