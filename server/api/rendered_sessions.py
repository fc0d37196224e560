"""Sessions as responses show them, kept as bytes: most reads get the bytes that the read before got."""

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from server.api.responses import etag, json_bytes, json_headers
from server.documents.session import session_document
from server.domain.expiry import Expiry
from server.sessions.long_poll import version
from store.records.sessions import Qr, Session

#: Sessions that are kept. One more takes the place of the oldest.
MAX_RENDERED = 1000


@dataclass(frozen=True, slots=True)
class RenderedSession:
    """The body of a response and its headers, with all that they were made from."""

    session: Session
    #: The code, if it can be scanned.
    live: Qr | None
    #: When the code expires, as the response shows it. A step of the wall clock changes it.
    expires_at: int | None
    is_restricted: bool
    #: For the ETag.
    version: str
    headers: Mapping[str, str]
    #: The same headers and the length of the body, as HTTP/1.1 has them.
    head: bytes
    body: bytes


class RenderedSessions:
    """Renders sessions, each once as long as nothing changes that is shown."""

    def __init__(self, expiry: Expiry) -> None:
        self._expiry = expiry
        #: By session id.
        self._rendered: dict[str, RenderedSession] = {}

    def of(self, session: Session) -> RenderedSession:
        """Returns the session as a response shows it now."""
        expiry = self._expiry
        live = expiry.live(session)
        expires_at = None if live is None else expiry.shown(live)
        until = session.restricted_until
        is_restricted = until is not None and until > expiry.wall()
        known = self._rendered.get(session.id)
        if (
            known is not None
            and known.session is session
            and known.live is live
            and known.expires_at == expires_at
            and known.is_restricted == is_restricted
        ):
            return known
        newest = version(session, expiry)
        body = json_bytes(session_document(session, expiry))
        headers = json_headers() | etag(newest)
        head = _head({**headers, "Content-Length": str(len(body))})
        rendered = RenderedSession(session, live, expires_at, is_restricted, newest, headers, head, body)
        self._keep(rendered)
        return rendered

    def _keep(self, rendered: RenderedSession) -> None:
        self._rendered.pop(rendered.session.id, None)
        if len(self._rendered) >= MAX_RENDERED:
            del self._rendered[next(iter(self._rendered))]
        self._rendered[rendered.session.id] = rendered


def _head(headers: Mapping[str, str]) -> bytes:
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items()).encode()


#: Those of the application.
RENDERED = web.AppKey("rendered", RenderedSessions)
