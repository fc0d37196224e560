"""Which of the forms that there are a request accepts: the header `Accept`, RFC 9110."""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

_WEIGHT = re.compile(r"q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)", re.IGNORECASE)


class Range(NamedTuple):
    """One part of the header: `image/*;q=0.8`."""

    #: In lower case, without parameters.
    name: str
    weight: float


def preferred(headers: Iterable[str], offered: Sequence[str]) -> str | None:
    """The form that the request likes best, the first of those it likes alike; None: it takes none of them.

    headers: every `Accept` there is. Without any, or where it is empty, everything is accepted.
    """
    ranges = [_range(part) for part in ",".join(headers).split(",") if part.strip()]
    if not ranges:
        return offered[0]
    best = max(offered, key=lambda form: _weight(form, ranges))
    return best if _weight(best, ranges) > 0 else None


def _range(part: str) -> Range:
    """A weight that cannot be read counts as none given."""
    name, *parameters = [word.strip() for word in part.lower().split(";")]
    weights = [float(match[1]) for word in parameters if (match := _WEIGHT.fullmatch(word))]
    return Range(name, weights[0] if weights else 1.0)


def _weight(form: str, ranges: Sequence[Range]) -> float:
    """What the most exact range that fits says of it; 0: it is not accepted."""
    kind = form.partition("/")[0]
    for name in (form, f"{kind}/*", "*/*"):
        weights = [range_.weight for range_ in ranges if range_.name == name]
        if weights:
            return max(weights)
    return 0.0
