"""Rules for what callers set on a webhook. Each check raises ValidationFailed, which shows no secret."""

import re
from collections.abc import Collection, Mapping
from urllib.parse import urlsplit

from server.core.addresses import http_url
from server.core.errors import Forbidden, ValidationFailed
from server.core.paths import is_session_id
from server.core.proxies import IPV6_PATTERN, PORT_PATTERN
from store.records.keys import Key
from store.records.webhooks import Webhook

MAX_HEADERS = 20
MAX_HEADER_BYTES = 4096

#: Headers that Motte or its HTTP client writes.
_RESERVED = frozenset(
    {
        "accept-encoding",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_RESERVED_PREFIXES = ("webhook-", "proxy-")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_HEADER_VALUE = re.compile(r"[!-~](?:[ !-~]*[!-~])?")

#: For /openapi.json, in the syntax that Python and JavaScript share: `(?![\s\S])` is the end of the text.
HEADER_NAME_PATTERN = rf"^{_HEADER_NAME.pattern}(?![\s\S])"
HEADER_VALUE_PATTERN = rf"^{_HEADER_VALUE.pattern}(?![\s\S])"
#: `check_url` accepts all that it allows, and other spellings of IPv6 addresses.
URL_PATTERN = (
    rf"^[Hh][Tt][Tt][Pp][Ss]?://(?:[A-Za-z0-9][A-Za-z0-9._-]{{0,252}}|{IPV6_PATTERN})(?::{PORT_PATTERN})?"
    r'(?:[/?][!"$-~]*)?(?![\s\S])'
)


def check_url(url: str) -> None:
    """Checks the form of an address."""
    try:
        http_url(url)
    except ValueError as rule:
        raise ValidationFailed(str(rule), pointer="/url") from None
    is_ipv6 = "://[" in url  # in any spelling, such as [::ffff:192.0.2.1]
    if not is_ipv6 and not re.search(URL_PATTERN, url):
        raise ValidationFailed(
            "must have a host of letters, digits, `.`, `_` and `-`, or an IPv6 address in brackets, and no "
            "spaces; write other characters as `xn--…` in the host and as `%…` behind it",
            pointer="/url",
        )


def check_headers(headers: Mapping[str, str]) -> None:
    """Checks the headers that each delivery carries."""
    if len(headers) > MAX_HEADERS:
        raise ValidationFailed(f"must have at most {MAX_HEADERS} headers", pointer="/headers")
    if len({name.lower() for name in headers}) < len(headers):
        raise ValidationFailed("must have each header once", pointer="/headers")
    if sum(len(name) + len(value) for name, value in headers.items()) > MAX_HEADER_BYTES:
        raise ValidationFailed(f"must have at most {MAX_HEADER_BYTES} bytes in all", pointer="/headers")
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name):
            raise ValidationFailed("must have names of HTTP headers as its keys", pointer="/headers")
        if name.lower() in _RESERVED or name.lower().startswith(_RESERVED_PREFIXES):
            raise ValidationFailed(f"must not set {name}: Motte writes that header", pointer="/headers")
        if not _HEADER_VALUE.fullmatch(value):
            raise ValidationFailed(
                f"must have a value for {name} of visible ASCII characters, with spaces only between them",
                pointer="/headers",
            )


def check_headers_of(webhook: Webhook, url: str, *, are_given: bool) -> None:
    """Checks that no other server gets the headers of a webhook.

    They may be secrets, which the caller who changes the URL need not know. are_given: with the URL.
    """
    if webhook.headers and not are_given and _origin(webhook.url) != _origin(url):
        raise ValidationFailed(
            "must be given with a url of another host: no other server gets those that are stored",
            pointer="/headers",
        )


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}[parts.scheme]


def sessions_for(key: Key, sessions: Collection[str] | None) -> tuple[str, ...] | None:
    """Returns whose events a webhook gets that this key makes. None: those of every session.

    sessions: None: of all that the key sees. Raises ValidationFailed, Forbidden.
    """
    if sessions is None:
        return key.sessions
    for index, session_id in enumerate(sessions):
        if not is_session_id(session_id):
            raise ValidationFailed("must be the id of a session", pointer=f"/sessions/{index}")
        if not key.may_see(session_id):
            raise Forbidden(f"the API key {key.name} may name only the sessions that it is bound to")
    return tuple(dict.fromkeys(sessions))
