"""Chooses the content type and the language of a response: `Accept` and `Accept-Language`, RFC 9110."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_WEIGHT = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


class MediaRange(NamedTuple):
    """One part of a header: `image/*;q=0.8`, `pt-br;q=0.7`."""

    #: In lower case, without parameters.
    name: str
    weight: float


def preferred(headers: Iterable[str], offered: Sequence[str]) -> str | None:
    """Returns the content type with the highest weight, the first of several; None if none is accepted.

    headers: every `Accept` of the request. Without one, or if it is empty, everything is accepted.
    """
    ranges = [_media_range(part) for part in ",".join(headers).split(",") if part.strip()]
    if not ranges:
        return offered[0]
    best = max(offered, key=lambda content_type: _weight(content_type, ranges))
    return best if _weight(best, ranges) > 0 else None


def preferred_language(headers: Iterable[str], offered: Sequence[str]) -> str:
    """Returns the language with the highest weight, the first of several in the headers.

    headers: every `Accept-Language` of the request. `pt-BR` also accepts `pt`.
    If none is accepted, returns the first that is offered.
    """
    ranges = [_media_range(part) for part in ",".join(headers).split(",") if part.strip()]
    accepted = [
        (range_.weight, range_.name.partition("-")[0])
        for range_ in ranges
        if range_.weight > 0 and range_.name.partition("-")[0] in offered
    ]
    return max(accepted, key=lambda pair: pair[0], default=(0.0, offered[0]))[1]


def _media_range(part: str) -> MediaRange:
    """A weight that cannot be parsed is ignored."""
    name, *parameters = [word.strip() for word in part.lower().split(";")]
    weights = [float(match[1]) for word in parameters if (match := _WEIGHT.fullmatch(word))]
    return MediaRange(name, weights[0] if weights else 1.0)


def _weight(content_type: str, ranges: Sequence[MediaRange]) -> float:
    """Returns the weight of the most specific range that matches; 0: not accepted."""
    family = content_type.partition("/")[0]
    for name in (content_type, f"{family}/*", "*/*"):
        weights = [range_.weight for range_ in ranges if range_.name == name]
        if weights:
            return max(weights)
    return 0.0
