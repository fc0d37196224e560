"""Parameters and headers that several routes share."""

from server.api.openapi.operation import Header, PathParameter
from server.api.schemas.session_fields import ID_PATTERN
from server.domain.texts import WITHOUT_NUL_PATTERN
from server.outbound.idempotency import KEY_PATTERN

#: `{id}` in a path.
SESSION_ID = PathParameter("the session's id", {"type": "string", "pattern": ID_PATTERN}, example="shop")

#: Headers of a response that shows a session.
SESSION_ETAG = {"ETag": "changes when the session changes"}

IF_NONE_MATCH = Header("If-None-Match", "the ETag of what you have: the response is 304 if nothing is newer")
LAST_EVENT_ID = Header(
    "Last-Event-ID", "the cursor of the last event that you received: the stream continues there"
)
#: `{mid}` in a path.
MESSAGE_ID = PathParameter(
    "the message's id", {"type": "string", "pattern": WITHOUT_NUL_PATTERN}, example="3EB0C767D82B0A6F4E1C"
)
IDEMPOTENCY_KEY = Header(
    "Idempotency-Key",
    "1 to 255 visible characters that you choose: the same request with the same key makes no second message",
    {"type": "string", "pattern": KEY_PATTERN},
)
PREFER_WAIT = Header("Prefer", "`wait=20`: a page without an event waits so many seconds for the next one")
#: Protects requests that carry a cookie from other sites (CSRF).
X_MOTTE = Header("X-Motte", "`dashboard`: the request comes from a page of Motte")
