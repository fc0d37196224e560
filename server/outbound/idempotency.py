"""Idempotency keys: a request that comes twice with one key makes one message."""

import hashlib
import re
from dataclasses import dataclass
from typing import Any

import msgspec

#: How long a key is kept after its message was sent or has failed.
KEPT_SECONDS = 86_400

MAX_KEY_LENGTH = 255
_KEY = re.compile(rf"[\x21-\x7e]{{1,{MAX_KEY_LENGTH}}}")
#: For /openapi.json, in the syntax that Python and JavaScript share: `(?![\s\S])` is the end of the text.
KEY_PATTERN = rf'^(?:{_KEY.pattern}|"{_KEY.pattern}")(?![\s\S])'

RULE = f"must be 1 to {MAX_KEY_LENGTH} visible ASCII characters without spaces"


@dataclass(frozen=True, slots=True)
class IdempotentRequest:
    """A request that came with a key."""

    key: str
    #: Of the request, so that another one with the same key is told apart.
    sha256: str


def idempotent(key: str, *request: Any) -> IdempotentRequest:
    """Returns the request. Raises ValueError with the rule of keys.

    request: values of JSON. Requests are the same if their values are equal: spaces, the order of names and
    how a number is written do not count. One about a message names its chat and sender too.
    """
    # In quotes it is a string of RFC 8941, as drafts of the header's standard have it.
    plain = key[1:-1] if len(key) > 2 and key[0] == key[-1] == '"' else key
    if _KEY.fullmatch(plain) is None:
        raise ValueError(RULE)
    written = msgspec.json.encode(_plain(request), order="deterministic")
    return IdempotentRequest(plain, hashlib.sha256(written).hexdigest())


def _plain(value: Any) -> Any:
    """Returns the value with whole numbers in one form: 1.0 is 1 in JSON."""
    match value:
        case dict():
            return {name: _plain(one) for name, one in value.items()}
        case list() | tuple():
            return [_plain(one) for one in value]
        case float() if value.is_integer():
            return int(value)
        case _:
            return value
