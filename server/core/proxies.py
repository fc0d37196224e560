"""Proxies: their URLs, what of them may be shown, and which requests go through one."""

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Self
from urllib.parse import quote, unquote, urlsplit

#: The value of MOTTE_PROXY that lets the variables of other programs count.
ENVIRONMENT = "environment"

#: What decides about the proxy of the host, and may hold a password.
VARIABLES = (
    "MOTTE_PROXY",
    *("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"),
    *("no_proxy", "NO_PROXY"),
)

SCHEMES = ("http", "https", "socks5")

#: Characters of a proxy's URL: the longest credentials fit, as `Proxy.url` writes them. A connector takes no
#: longer one (connector/session/link_options.js).
LONGEST_URL = 2_000

#: Bytes that SOCKS5 has room for in a user's name and in a password (RFC 1929).
LONGEST_CREDENTIAL = 255

RULE = "must be the URL of a proxy: http://, https:// or socks5://, then [user:password@]host:port"

_CHARACTER = r"(?:[A-Za-z0-9._~!$&'()*+,;=-]|%(?:[2-6][0-9A-Fa-f]|7[0-9A-Ea-e]))"
#: The same without the colon, which ends a user's name in HTTP's Basic.
_OF_NAME = _CHARACTER.replace("[2-6][0-9A-Fa-f]", "[24-6][0-9A-Fa-f]|3[0-9B-Fb-f]")
_GROUP = r"[0-9A-Fa-f]{1,4}"
_IPV6 = rf"\[(?:(?:{_GROUP}:){{7}}{_GROUP}|(?:{_GROUP}:){{1,6}}:{_GROUP}|::1)\]"
_PORT = r"(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])"

#: What the description of the API says of a proxy's URL. All that it allows is taken; other spellings of
#: credentials and IPv6 addresses are taken too.
URL_PATTERN = (
    rf"^(?:https?://(?:{_OF_NAME}{{1,200}}(?::{_CHARACTER}{{0,200}})?@)?"
    rf"|socks5h?://(?:{_CHARACTER}{{1,200}}:{_CHARACTER}{{1,200}}@)?)"
    rf"(?:[A-Za-z0-9][A-Za-z0-9._-]{{0,252}}|{_IPV6}):{_PORT}/?(?![\s\S])"
)

LARGEST_PORT = 65_535
_HOST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,252}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class Proxy:
    """One proxy. Its text leaves the credentials out; its URL has them."""

    scheme: str
    #: A name, an IPv4 address, or an IPv6 address without brackets.
    host: str
    port: int
    #: None: it wants no credentials.
    user: str | None = field(default=None, repr=False)
    #: Empty if there is none.
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises ValueError with the rule; the text itself may be a secret and is never in it.

        `socks5h` is taken as `socks5`: names are always looked up by the proxy.
        """
        with suppress(ValueError):
            proxy = cls._parsed(text)
            if proxy._is_valid():
                return proxy
        raise ValueError(RULE)

    @classmethod
    def _parsed(cls, text: str) -> Self:
        url = urlsplit(text)
        if len(text) > LONGEST_URL or not re.fullmatch(r"[!-~]+", text):
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
            and 0 < self.port <= LARGEST_PORT
            and (_HOST.fullmatch(self.host) is not None or _is_ipv6(self.host))
            and all(len(text.encode()) <= LONGEST_CREDENTIAL for text in credentials)
            and not any(_CONTROL.search(text) for text in credentials)
            and self._can_log_in()
        )

    def _can_log_in(self) -> bool:
        """HTTP's Basic ends a user's name with a colon; SOCKS5 has no empty names and passwords."""
        if self.user is None:
            return True
        if self.scheme == "socks5":
            return bool(self.user and self.password)
        return ":" not in self.user and bool(self.user or self.password)

    @property
    def url(self) -> str:
        """The whole URL, a secret if there are credentials."""
        if self.user is None:
            return str(self)
        credentials = f"{quote(self.user, safe='')}:{quote(self.password, safe='')}"
        return f"{self.scheme}://{credentials}@{self._address}"

    @property
    def _address(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    def __str__(self) -> str:
        """What may be shown: `socks5://10.0.0.1:1080`."""
        return f"{self.scheme}://{self._address}"


def shown(url: str | None) -> str | None:
    """A stored URL without its credentials. None: there is no proxy."""
    return None if url is None else str(Proxy.parse(url))


@dataclass(frozen=True, slots=True)
class HostProxy:
    """The proxy of the whole host: one for every target, or none for those that are excepted."""

    proxy: Proxy
    #: NO_PROXY: targets that are reached directly.
    exceptions: str = ""
    #: MOTTE_PROXY as it was given, which may hold a password: another process makes the same of it.
    setting: str = field(repr=False, kw_only=True)

    def of(self, url: str) -> Proxy | None:
        """The proxy that carries a request to this URL. None: it goes directly."""
        target = urlsplit(url)
        host, port = target.hostname or "", target.port
        return None if is_loopback(host) or _is_excepted(host, port, self.exceptions) else self.proxy


def check_setting(text: str) -> None:
    """Raises ValueError with the rule of MOTTE_PROXY."""
    if text == ENVIRONMENT:
        return
    try:
        Proxy.parse(text)
    except ValueError:
        raise ValueError(f"{RULE}; or the word {ENVIRONMENT}") from None


def host_proxy(setting: str | None, environ: Mapping[str, str]) -> HostProxy | None:
    """What MOTTE_PROXY means. None: requests go directly.

    setting: checked by `check_setting`. environ: HTTPS_PROXY, ALL_PROXY and NO_PROXY are read if the setting
    says so; small letters count first. Raises ValueError with the rule.
    """
    if setting is None:
        return None
    if setting != ENVIRONMENT:
        return HostProxy(Proxy.parse(setting), setting=setting)
    for name in VARIABLES[1:5]:
        if environ.get(name):
            exceptions = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
            return HostProxy(_foreign(name, environ[name]), exceptions, setting=setting)
    raise ValueError(f"is {ENVIRONMENT}, and neither HTTPS_PROXY nor ALL_PROXY is set")


def is_loopback(host: str) -> bool:
    """Whether a host name or an address is this machine's own: such a target is reached directly."""
    name = host.lower().rstrip(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _foreign(name: str, text: str) -> Proxy:
    """The variable of other programs, which may leave the scheme out. Raises ValueError with the rule."""
    try:
        return Proxy.parse(text if "://" in text else f"http://{text}")
    except ValueError:
        raise ValueError(f"is {ENVIRONMENT}, and {name.upper()} {RULE}") from None


def _is_excepted(host: str, port: int | None, exceptions: str) -> bool:
    return any(_matches(host.lower(), port, entry) for entry in exceptions.lower().replace(",", " ").split())


def _matches(host: str, port: int | None, entry: str) -> bool:
    """entry: `*`, a name with all below it, an address, a network, any of them with a port."""
    if entry == "*":
        return True
    with suppress(ValueError):
        return ip_address(host) in ip_network(entry.strip("[]"), strict=False)
    name, _, wanted = entry.rpartition(":") if re.search(r":\d+$", entry) else (entry, "", "")
    if wanted and int(wanted) != port:
        return False
    name = name.removeprefix("*").removeprefix(".").strip("[]")
    return host == name or host.endswith(f".{name}")


def _decoded(text: str) -> str:
    return unquote(text, errors="strict")


def _is_ipv6(text: str) -> bool:
    with suppress(ValueError):
        return IPv6Address(text).scope_id is None
    return False
