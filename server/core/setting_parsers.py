"""What a setting's text may be: each parser gives the value, or raises ValueError with its rule.

The rule reads on after the setting's name, and never holds the text: that may be a secret.
"""

import os
import re
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from ipaddress import AddressValueError, IPv6Address
from pathlib import Path
from typing import NamedTuple, TypeVar
from urllib.parse import SplitResult, urlsplit

from server.core.paths import StateFolder
from server.core.proxies import check_setting

#: Bytes that a unix socket's path may have, the closing zero not counted.
SOCKET_PATH_ROOM = 107

#: supervisord binds its socket under this name and links it then; Linux gives no process a longer number.
LONGEST_SUFFIX = ".4194304"

#: Seconds. Nothing is waited for, and no code shown, any longer; connectors have the same bound.
LONGEST_TIME = 3_600.0

#: Seconds: ten years of 365 days.
LONGEST_RETENTION = 315_360_000.0

Word = TypeVar("Word", bound=StrEnum)

VISIBLE = re.compile(r"[!-~]+")
ADDRESS = re.compile(r"(?:\[(?P<ipv6>[^\]]+)\]|(?P<host>[A-Za-z0-9._-]+)):(?P<port>[0-9]{1,5})")
LARGEST_PORT = 65_535


class Address(NamedTuple):
    """Where a server listens. Port 0: any that is free."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


#: Instead of a version: the one that this Motte brings.
BUILT_IN_VERSION = "builtin"

#: MiB. A fresh connector has about 100 resident, one that paired just now 140: no limit may be met by these.
LEAST_MEMORY = 160
MOST_MEMORY = 65_536

#: More of anything at once than one host can bear.
LARGEST_COUNT = 1000


def state_folder(text: str) -> Path:
    """Absolute, since not all processes have the same working directory; `~` is the home folder."""
    with suppress(RuntimeError):  # there is no home folder: then ~ is a name like any other
        text = str(Path(text).expanduser())
    folder = Path(text).absolute()
    if not _is_utf8(text):
        raise ValueError("must be a path in UTF-8")
    socket = StateFolder(folder).supervisor_socket
    excess = len(os.fsencode(socket)) + len(LONGEST_SUFFIX) - SOCKET_PATH_ROOM
    if excess > 0:
        raise ValueError(
            f"must be a path of at most {len(os.fsencode(folder)) - excess} bytes, {excess} fewer than now: "
            f"supervisord binds {socket.name}.<pid> in it, and a unix socket's path has {SOCKET_PATH_ROOM}"
        )
    return folder


def address(text: str) -> Address:
    """`127.0.0.1:8090`, `localhost:0`, `[::1]:8090`."""
    match = ADDRESS.fullmatch(text)
    if match is None or int(match["port"]) > LARGEST_PORT or not _is_ipv6_or_none(match["ipv6"]):
        raise ValueError("must be host:port, such as 127.0.0.1:8090 or [::1]:8090, with a port up to 65535")
    return Address(match["ipv6"] or match["host"], int(match["port"]))


def seconds(text: str) -> float:
    """A time that something is given."""
    return _number(
        text, lambda number: 0 < number <= LONGEST_TIME, "must be seconds, above 0 and at most 3600"
    )


def seconds_or_none(text: str) -> float:
    """A time that may be no time at all."""
    return _number(text, lambda number: 0 <= number <= LONGEST_TIME, "must be seconds, from 0 to 3600")


def retention(text: str) -> float:
    """How long something is kept."""
    return _number(
        text,
        lambda number: 0 < number <= LONGEST_RETENTION,
        "must be seconds, above 0 and at most 315360000",
    )


def rate(text: str) -> float:
    """How many in a second; 0.5 is one in two seconds."""
    return _number(text, lambda number: 0 < number < float("inf"), "must be a number above 0")


def count(text: str) -> int:
    """A whole number, at least 1."""
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= LARGEST_COUNT):
        raise ValueError(f"must be a whole number from 1 to {LARGEST_COUNT}")
    return int(text)


def one_of(words: type[Word]) -> Callable[[str], Word]:
    """A parser for the members of an enumeration."""

    def word(text: str) -> Word:
        if text not in list(words):
            raise ValueError(f"must be one of {', '.join(words)}")
        return words(text)

    return word


def mebibytes(text: str) -> int:
    """Memory of one process."""
    if not (text.isascii() and text.isdigit() and LEAST_MEMORY <= int(text) <= MOST_MEMORY):
        raise ValueError(f"must be a whole number of MiB from {LEAST_MEMORY} to {MOST_MEMORY}")
    return int(text)


def flag(text: str) -> bool:
    """`1` or `0`."""
    if text not in ("0", "1"):
        raise ValueError("must be 0 or 1")
    return text == "1"


def api_key(text: str) -> str:
    """It travels in a header, where a space or a line's end would cut it."""
    if not VISIBLE.fullmatch(text):
        raise ValueError("must be visible ASCII characters without spaces")
    return text


def public_key(text: str) -> str:
    """32 bytes, as lower-case hex."""
    if not re.fullmatch(r"[0-9A-Fa-f]{64}", text):
        raise ValueError("must be 64 hex digits")
    return text.lower()


def version(text: str) -> str:
    """WhatsApp Web's, or the word for the one that this Motte brings."""
    if text != BUILT_IN_VERSION and not re.fullmatch(r"[0-9]{1,10}\.[0-9]{1,10}\.[0-9]{1,10}", text):
        raise ValueError("must be three numbers joined by dots, such as 2.3000.1049950004, or builtin")
    return text


def websocket_url(text: str) -> str:
    """An endpoint that speaks WhatsApp's protocol."""
    url = _url(text, "ws", "wss")
    if url is None or url.fragment:
        raise ValueError("must be a ws:// or wss:// URL")
    return text


def proxy(text: str) -> str:
    """The URL of a proxy, or the word that lets the variables of other programs count."""
    check_setting(text)
    return text


def http_url(text: str) -> str:
    """Where something is read."""
    url = _url(text, "http", "https")
    if url is None or url.fragment or url.username is not None:
        raise ValueError("must be an http:// or https:// URL without a user name")
    return text


def base_url(text: str) -> str:
    """What paths are put after; it ends without a slash."""
    url = _url(text, "http", "https")
    if url is None or url.query or url.fragment or url.username is not None:
        raise ValueError("must be an http:// or https:// URL with nothing after its path")
    return text.rstrip("/")


def _is_utf8(text: str) -> bool:
    """The environment's bytes that are no UTF-8 come as surrogates."""
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


def _number(text: str, fits: Callable[[float], bool], rule: str) -> float:
    with suppress(ValueError):
        number = float(text)
        if fits(number):
            return number
    raise ValueError(rule)


def _is_ipv6_or_none(text: str | None) -> bool:
    try:
        return text is None or IPv6Address(text) is not None
    except AddressValueError:
        return False


def _url(text: str, *schemes: str) -> SplitResult | None:
    """The parts of a URL of one of `schemes`; `urlsplit` alone forgives line ends within it."""
    with suppress(ValueError):
        url = urlsplit(text)
        if (
            VISIBLE.fullmatch(text) and url.scheme in schemes and url.hostname and url.port != 0
        ):  # asking for a port checks it
            return url
    return None
