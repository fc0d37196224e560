"""Whether a request that a browser makes on its own comes from a page of ours.

A browser sends its cookie with whatever any page has it ask. `SameSite=Strict` keeps pages of other sites
away, but counts every port of a host as the same site.
"""

from collections.abc import Mapping
from urllib.parse import urlsplit

from server.core.errors import ForeignPage

#: A page of another origin cannot send it unless we say so, which we never do (CORS).
GUARD = "X-Motte"
GUARD_VALUE = "dashboard"

#: Methods that change nothing.
SAFE = frozenset({"GET", "HEAD"})


def refuse_foreign(method: str, headers: Mapping[str, str], public_url: str | None) -> None:
    """Let through what our pages ask, and what a person types into the address bar. Raises ForeignPage."""
    is_safe = method in SAFE
    site = headers.get("Sec-Fetch-Site", "same-origin")
    if site != "same-origin" and not (is_safe and site == "none"):
        raise ForeignPage(f"the browser says that the page which asks is {site}")
    origin = headers.get("Origin")
    if origin is not None and not _is_ours(origin, headers.get("Host", ""), public_url):
        raise ForeignPage(
            "the page which asks has another origin; behind a proxy, MOTTE_PUBLIC_URL must be set"
        )
    if not is_safe and headers.get(GUARD) != GUARD_VALUE:
        raise ForeignPage(f"what a cookie opens must be asked with the header {GUARD}: {GUARD_VALUE}")


def _is_ours(origin: str, host: str, public_url: str | None) -> bool:
    """The scheme is a proxy's business, the host with its port is ours."""
    theirs = origin.lower().partition("://")[2]
    public = urlsplit(public_url).netloc if public_url else ""
    return theirs in {ours.lower() for ours in (host, public) if ours}
