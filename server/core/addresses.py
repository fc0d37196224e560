"""Addresses of servers, and URLs in settings. Each parser raises ValueError with its rule."""

import os
import re
from contextlib import suppress
from ipaddress import AddressValueError, IPv6Address
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

VISIBLE_ASCII = re.compile(r"[!-~]+")
MAX_PORT = 65_535
#: Bytes of a unix socket's path, without the terminating zero.
MAX_SOCKET_PATH_BYTES = 107
_ADDRESS = re.compile(r"(?:\[(?P<ipv6>[^\]]+)\]|(?P<host>[A-Za-z0-9._-]+)):(?P<port>[0-9]{1,5})")


class Address(NamedTuple):
    """Host and port on which a server listens. Port 0 is any free port."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class SocketPath(str):
    """Path of a unix socket on which a server listens."""

    __slots__ = ()


class Listen(tuple[Address | SocketPath, ...]):
    """Addresses on which the REST API listens; at least one of them has a host and a port."""

    __slots__ = ()

    def __str__(self) -> str:
        return ",".join(f"unix:{part}" if isinstance(part, SocketPath) else str(part) for part in self)

    @property
    def address(self) -> Address:
        """The first with a host and a port, which commands on this host use."""
        return next(part for part in self if isinstance(part, Address))


def parse_listen(text: str) -> Listen:
    """`127.0.0.1:8090`, `[::]:8090`, `127.0.0.1:8090,10.0.0.7:8090,unix:/run/motte/api.sock`."""
    listen = Listen(_listener(part) for part in text.split(","))
    if not any(isinstance(part, Address) for part in listen):
        raise ValueError("must have at least one host:port, which the commands on this host use")
    return listen


def _listener(text: str) -> Address | SocketPath:
    if not text.startswith("unix:"):
        try:
            return parse_address(text)
        except ValueError:
            raise ValueError(
                "must be host:port, such as 127.0.0.1:8090 or [::]:8090, with a port up to 65535; "
                "several are joined by commas, and unix:/path is a unix socket"
            ) from None
    path = text.removeprefix("unix:")
    if not path.startswith("/") or not 1 < len(os.fsencode(path)) <= MAX_SOCKET_PATH_BYTES or "\0" in path:
        raise ValueError(f"must have an absolute path of at most {MAX_SOCKET_PATH_BYTES} bytes after unix:")
    return SocketPath(path)


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
        raise ValueError(
            "must be an http:// or https:// URL in ASCII characters, without a user name or a fragment"
        )
    return text


def base_url(text: str) -> str:
    """URL to which paths are appended. The result has no slash at its end."""
    url = _url(text, "http", "https")
    if url is None or url.query or url.fragment or url.username is not None:
        raise ValueError("must be an http:// or https:// URL with nothing after its path")
    return text.rstrip("/")


class Origins(tuple[str, ...]):
    """Origins of web pages, as browsers write them in the header `Origin`."""

    __slots__ = ()

    def __str__(self) -> str:
        return ",".join(self)


def parse_origins(text: str) -> Origins:
    """`https://app.example,http://localhost:3000`."""
    return Origins(_origin(part.strip()) for part in text.split(","))


def _origin(text: str) -> str:
    """Returns the origin as browsers write it (RFC 6454): in lower case, without the port of its scheme."""
    url = _url(text, "http", "https")
    if url is None or text.lower() != f"{url.scheme}://{url.netloc}".lower() or {"@", "*"} & {*text}:
        raise ValueError(
            "must be exact origins such as https://app.example or http://localhost:3000, joined by commas: "
            "no path, no slash at the end, no *"
        )
    default = {"http": ":80", "https": ":443"}[url.scheme]
    return f"{url.scheme}://{url.netloc.lower().removesuffix(default)}"


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
