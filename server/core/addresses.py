"""Addresses of servers, and URLs in settings. Each parser raises ValueError with its rule."""

import re
from contextlib import suppress
from ipaddress import AddressValueError, IPv6Address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

VISIBLE_ASCII = re.compile(r"[!-~]+")
MAX_PORT = 65_535
_ADDRESS = re.compile(r"(?:\[(?P<ipv6>[^\]]+)\]|(?P<host>[A-Za-z0-9._-]+)):(?P<port>[0-9]{1,5})")


class Address(NamedTuple):
    """Host and port on which a server listens. Port 0 is any free port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_address(text: str) -> Address:
    """`127.0.0.1:8090`, `localhost:0`, `[::1]:8090`."""
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match["port"]) > MAX_PORT or not _is_ipv6_or_none(match["ipv6"]):
        raise ValueError("must be host:port, such as 127.0.0.1:8090 or [::1]:8090, with a port up to 65535")
    return Address(match["ipv6"] or match["host"], int(match["port"]))


def websocket_url(text: str) -> str:
    """URL of an endpoint that speaks WhatsApp's protocol."""
    url = _url(text, "ws", "wss")
    if url is None or url.fragment:
        raise ValueError("must be a ws:// or wss:// URL")
    return text


def http_url(text: str) -> str:
    """URL that is read with GET."""
    url = _url(text, "http", "https")
    if url is None or url.fragment or url.username is not None:
        raise ValueError("must be an http:// or https:// URL without a user name")
    return text


def base_url(text: str) -> str:
    """URL to which paths are appended. The result has no slash at its end."""
    url = _url(text, "http", "https")
    if url is None or url.query or url.fragment or url.username is not None:
        raise ValueError("must be an http:// or https:// URL with nothing after its path")
    return text.rstrip("/")


def _is_ipv6_or_none(text: str | None) -> bool:
    try:
        return text is None or IPv6Address(text) is not None
    except AddressValueError:
        return False


def _url(text: str, *schemes: str) -> SplitResult | None:
    """Returns the parts of a URL with one of these schemes, or None. `urlsplit` alone accepts newlines."""
    with suppress(ValueError):
        url = urlsplit(text)
        # `url.port` raises ValueError if the port is invalid.
        if VISIBLE_ASCII.fullmatch(text) and url.scheme in schemes and url.hostname and url.port != 0:
            return url
    return None
