"""Parsers of settings: each validates a text and returns the value, or raises ValueError with its rule.

The rule follows the setting's name in an error. It never contains the text, which may be a secret.
server/core/addresses.py has those of addresses and URLs.
"""

import os
import re
from collections.abc import Callable
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from server.core.addresses import MAX_SOCKET_PATH_BYTES, VISIBLE_ASCII
from server.core.host_proxy import check_setting
from server.core.paths import StateFolder
from server.core.settings.model import BUILT_IN_VERSION

#: supervisord binds its socket under a temporary name with its pid. Linux has no longer pid.
SOCKET_SUFFIX = ".4194304"

#: Upper limit of waits and lifetimes. Connectors have the same limit.
MAX_TIME_SECONDS = 3_600.0

#: Ten years of 365 days.
MAX_RETENTION_SECONDS = 315_360_000.0

Word = TypeVar("Word", bound=StrEnum)

#: A new connector has about 100 MiB resident, and 140 right after a pairing. The limit must be higher.
MIN_MEMORY_MIB = 160
MAX_MEMORY_MIB = 65_536

#: A session that is asleep costs a row and a folder.
MAX_SESSIONS = 100_000

#: 128 bits, if they are hex digits. The limit of wrong keys lets a right key in, so only the key itself
#: stops a guess.
MIN_API_KEY_CHARACTERS = 32
#: `openssl rand -hex 32` practically never has fewer.
MIN_API_KEY_DIFFERENT_CHARACTERS = 6

#: Fewer would be removed one by one. The totals of more take long to count.
MIN_MESSAGES = 100
MAX_MESSAGES = 10_000_000

#: MiB of messages. Two messages with the longest texts fit into the smallest.
MAX_MESSAGE_STORAGE_MIB = 1_048_576

#: More than WhatsApp takes.
MAX_RATE = 1000.0

#: More than one host can run at the same time.
MAX_COUNT = 1000

#: Each takes some 30 MiB while it waits. More creates at once than that are slow anyway.
MAX_WARM_SPARES = 16


def state_folder(text: str) -> Path:
    """Returns an absolute path, because working directories differ. `~` is the home folder."""
    if text.startswith("~"):
        text = _in_home(text)
    try:
        folder = Path(text).absolute()
    except FileNotFoundError:
        raise ValueError("must be an absolute path, because the working directory is gone") from None
    if any("\ud800" <= letter <= "\udfff" for letter in text):  # how Python shows bytes that are not UTF-8
        raise ValueError("must be a path in UTF-8, and in letters of the locale (LC_ALL=C.UTF-8 has all)")
    socket = StateFolder(folder).supervisor_socket
    excess = len(os.fsencode(socket)) + len(SOCKET_SUFFIX) - MAX_SOCKET_PATH_BYTES
    if excess > 0:
        raise ValueError(
            f"must be a path of at most {len(os.fsencode(folder)) - excess} bytes, {excess} fewer than now: "
            f"supervisord binds {socket.name}.<pid> in it, and a unix socket's path has "
            f"{MAX_SOCKET_PATH_BYTES}"
        )
    return folder


def _in_home(text: str) -> str:
    """Replaces `~`. Otherwise a folder of that name would be made wherever Motte is started."""
    rule = "must be a path without ~, because there is no home folder: HOME is not set"
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        raise ValueError(rule) from None
    if not path.is_absolute() or (text.startswith("~/") and os.environ.get("HOME") == ""):
        raise ValueError(rule)
    return str(path)


def seconds(text: str) -> float:
    """A time above 0."""
    return _number(
        text, lambda number: 0 < number <= MAX_TIME_SECONDS, "must be seconds, above 0 and at most 3600"
    )


def seconds_or_none(text: str) -> float:
    """A time that may be 0."""
    return _number(text, lambda number: 0 <= number <= MAX_TIME_SECONDS, "must be seconds, from 0 to 3600")


def retention(text: str) -> float:
    """How long something is kept."""
    return _number(
        text,
        lambda number: 0 < number <= MAX_RETENTION_SECONDS,
        "must be seconds, above 0 and at most 315360000",
    )


def rate(text: str) -> float:
    """A number per second; 0.5 is one in two seconds."""
    return _number(text, lambda number: 0 < number < float("inf"), "must be a number above 0")


def rate_or_none(text: str) -> float:
    """A number of messages in a time. 0: any number."""
    return _number(
        text, lambda number: 0 <= number <= MAX_RATE, "must be a number from 0 to 1000; 0 turns the limit off"
    )


def count(text: str) -> int:
    """A whole number, at least 1."""
    return _whole(text, 1, MAX_COUNT)


def warm_spares(text: str) -> int:
    """Processes that wait for a session."""
    return _whole(text, 0, MAX_WARM_SPARES)


def max_sessions(text: str) -> int:
    """Sessions of one host. Most of them may be asleep."""
    return _whole(text, 1, MAX_SESSIONS)


def min_free_memory(text: str) -> int:
    """MiB that stay free."""
    return _whole(text, 0, MAX_MEMORY_MIB, " of MiB")


def max_messages(text: str) -> int:
    """Messages of one session."""
    return _whole(text, MIN_MESSAGES, MAX_MESSAGES)


def message_storage(text: str) -> int:
    """MiB of the messages of one session."""
    return _whole(text, 1, MAX_MESSAGE_STORAGE_MIB, " of MiB")


def one_of(words: type[Word]) -> Callable[[str], Word]:
    """Returns a parser for the members of an enumeration."""

    def word(text: str) -> Word:
        if text not in list(words):
            raise ValueError(f"must be one of {', '.join(words)}")
        return words(text)

    return word


def mebibytes(text: str) -> int:
    """Memory of one process."""
    return _whole(text, MIN_MEMORY_MIB, MAX_MEMORY_MIB, " of MiB")


def program(text: str) -> Path:
    """Absolute, because working directories differ. supervisord.conf has it in quotes."""
    if not re.fullmatch(r"/[^\"\\\n\ud800-\udfff]+", text):
        raise ValueError("must be an absolute path, without quotes and backslashes")
    return Path(text)


def flag(text: str) -> bool:
    """`1` or `0`."""
    if text not in ("0", "1"):
        raise ValueError("must be 0 or 1")
    return text == "1"


def api_key(text: str) -> str:
    """A key is sent in a header, where a space or a newline would end it. A short one could be guessed."""
    if not VISIBLE_ASCII.fullmatch(text):
        raise ValueError("must be visible ASCII characters without spaces")
    if len(text) < MIN_API_KEY_CHARACTERS or len(set(text)) < MIN_API_KEY_DIFFERENT_CHARACTERS:
        raise ValueError(
            f"must be at least {MIN_API_KEY_CHARACTERS} characters, {MIN_API_KEY_DIFFERENT_CHARACTERS} of "
            "them different, so that it cannot be guessed: `openssl rand -hex 32` makes such a key"
        )
    return text


def public_key(text: str) -> str:
    """32 bytes, as lower-case hex."""
    if not re.fullmatch(r"[0-9A-Fa-f]{64}", text):
        raise ValueError("must be 64 hex digits")
    return text.lower()


def version(text: str) -> str:
    """A version of WhatsApp Web, or BUILT_IN_VERSION."""
    if text != BUILT_IN_VERSION and not re.fullmatch(r"[0-9]{1,10}\.[0-9]{1,10}\.[0-9]{1,10}", text):
        raise ValueError("must be three numbers joined by dots, such as 2.3000.1049950004, or builtin")
    return text


def proxy(text: str) -> str:
    """The URL of a proxy, or `environment`."""
    check_setting(text)
    return text


def _whole(text: str, least: int, most: int, unit: str = "") -> int:
    if not (re.fullmatch(r"[0-9]{1,12}", text) and least <= int(text) <= most):
        raise ValueError(f"must be a whole number{unit} from {least} to {most}")
    return int(text)


def _number(text: str, fits: Callable[[float], bool], rule: str) -> float:
    with suppress(ValueError):
        number = float(text)
        if fits(number):
            return number
    raise ValueError(rule)
