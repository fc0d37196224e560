"""URL of a proxy: parsing, validation, and the part that may be shown."""

import re
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import Self
from urllib.parse import quote, unquote, urlsplit

SCHEMES = ("http", "https", "socks5")

#: The longest credentials fit, as `Proxy.url` writes them. Connectors have the same limit
#: (connector/session/link_options.js).
MAX_URL_CHARACTERS = 2_000

#: Bytes of a user name or a password in SOCKS5 (RFC 1929).
MAX_CREDENTIAL_BYTES = 255

URL_RULE = "must be the URL of a proxy: http://, https:// or socks5://, then [user:password@]host:port"

_CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%(?:[2-6][0-9A-Fa-f]|7[0-9A-Ea-e]))"
#: The same without the colon, which ends a user name in HTTP's Basic scheme.
_USER_CHARACTER = _CHARACTER.replace("[2-6][0-9A-Fa-f]", "[24-6][0-9A-Fa-f]|3[0-9B-Fb-f]")
_GROUP = r"[0-9A-Fa-f]{1,4}"
IPV6_PATTERN = rf"\[(?:(?:{_GROUP}:){{7}}{_GROUP}|(?:{_GROUP}:){{1,6}}:{_GROUP}|::1)\]"
PORT_PATTERN = r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"

#: Pattern of a proxy's URL in the OpenAPI document. `Proxy.parse` accepts all that it allows, and other
#: spellings of credentials and IPv6 addresses.
URL_PATTERN = (
    rf"^(?:https?://(?:{_USER_CHARACTER}{{1,200}}(?::{_CHARACTER}{{0,200}})?@)?"
    rf"|socks5h?://(?:{_CHARACTER}{{1,200}}:{_CHARACTER}{{1,200}}@)?)"
    rf"(?:[A-Za-z0-9][A-Za-z0-9._-]{{0,252}}|{IPV6_PATTERN}):{PORT_PATTERN}/?(?![\s\S])"
)

MAX_PORT = 65_535
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Proxy:
    """One proxy. `str()` omits the credentials; `url` includes them."""

    scheme: str
    #: A name, an IPv4 address, or an IPv6 address without brackets.
    host: str
    port: int
    #: None if the proxy needs no credentials.
    user: str | None = field(default=None, repr=False)
    #: Empty if there is no password.
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError with the rule. The rule never contains the text, which may be a secret.

        `socks5h` means the same as `socks5`: the proxy always resolves names.
        """
        with suppress(ValueError):
            proxy = cls._parsed(text)
            if proxy._is_valid():
                return proxy
        raise ValueError(URL_RULE)

    @classmethod
    def _parsed(cls, text: str) -> Self:
        url = urlsplit(text)
        if len(text) > MAX_URL_CHARACTERS or not re.fullmatch(r"[!-~]+", text):
            raise ValueError
        if url.path not in ("", "/") or url.query or url.fragment or "?" in text or "#" in text:
            raise ValueError
        scheme = "socks5" if url.scheme == "socks5h" else url.scheme
        user = None if url.username is None else _decoded(url.username)
        return cls(scheme, url.hostname or "", url.port or 0, user, _decoded(url.password or ""))

    def _is_valid(self) -> bool:
        credentials = (self.user or "", self.password)
        return (
            self.scheme in SCHEMES
            and 0 < self.port <= MAX_PORT
            and (_HOST.fullmatch(self.host) is not None or _is_ipv6(self.host))
            and all(len(text.encode()) <= MAX_CREDENTIAL_BYTES for text in credentials)
            and not any(_CONTROL.search(text) for text in credentials)
            and self._can_log_in()
        )

    def _can_log_in(self) -> bool:
        """A user name in HTTP's Basic scheme has no colon. SOCKS5 has no empty user names and passwords."""
        if self.user is None:
            return True
        if self.scheme == "socks5":
            return bool(self.user and self.password)
        return ":" not in self.user and bool(self.user or self.password)

    @property
    def url(self) -> str:
        """The whole URL. It is a secret if there are credentials."""
        if self.user is None:
            return str(self)
        credentials = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return f"{self.scheme}://{credentials}@{self._address}"

    @property
    def _address(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        """The part that may be shown: `socks5://10.0.0.1:1080`."""
        return f"{self.scheme}://{self._address}"


def shown(url: str | None) -> str | None:
    """Returns a stored URL without its credentials. None if there is no proxy."""
    return None if url is None else str(Proxy.parse(url))


def _decoded(text: str) -> str:
    return unquote(text, errors="strict")


def _is_ipv6(text: str) -> bool:
    with suppress(ValueError):
        return IPv6Address(text).scope_id is None
    return False
