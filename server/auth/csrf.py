"""Protects requests that carry a cookie from cross-site request forgery (CSRF).

A browser sends its cookie with requests of any page. `SameSite=Strict` excludes pages of other sites, but all
ports of a host are the same site.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from server.core.errors import ForeignPage

#: A page of another origin cannot send this header without permission (CORS), which Motte never gives.
GUARD = "X-Motte"
GUARD_VALUE = "dashboard"

#: Methods that change nothing.
SAFE_METHODS = frozenset({"GET", "HEAD"})


def refuse_foreign(method: str, headers: Mapping[str, str], public_url: str | None) -> None:
    """Accepts requests of Motte's pages, and reads from the address bar. Raises ForeignPage for others."""
    is_safe = method in SAFE_METHODS
    site = headers.get("Sec-Fetch-Site", "same-origin")
    if site != "same-origin" and not (is_safe and site == "none"):
        raise ForeignPage(f"the browser says that the request comes from a {site} page")
    origin = headers.get("Origin")
    if origin is not None and not _is_ours(origin, headers.get("Host", ""), public_url):
        raise ForeignPage(
            "the request comes from a page of another origin; behind a proxy, set MOTTE_PUBLIC_URL"
        )
    if not is_safe and headers.get(GUARD) != GUARD_VALUE:
        raise ForeignPage(f"a change with a cookie needs the header {GUARD}: {GUARD_VALUE}")


def _is_ours(origin: str, host: str, public_url: str | None) -> bool:
    """Compares host and port. The scheme depends on the proxy."""
    theirs = origin.lower().partition("://")[2]
    public = urlsplit(public_url).netloc if public_url else ""
    return theirs in {ours.lower() for ours in (host, public) if ours}
