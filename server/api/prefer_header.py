"""The request header `Prefer`, RFC 7240."""

import re
from typing import NamedTuple, Self

from multidict import CIMultiDictProxy

from server.core.errors import BadRequest

#: Seconds that a request may wait for a change.
MAX_WAIT_SECONDS = 60

_SECONDS = re.compile(r"[0-9]+(\.[0-9]+)?")


class Preferences(NamedTuple):
    """The preferences that Motte honours. It ignores all others, as the RFC requires."""

    #: Seconds to wait for a change.
    wait: float | None = None
    #: Respond at once, before the work is done.
    respond_async: bool = False

    @classmethod
    def of(cls, headers: CIMultiDictProxy[str]) -> Self:
        """Returns the preferences of a request. The first of several with the same name counts.

        Raises BadRequest if `wait` is not a time: a client that waits in a loop would never wait.
        """
        words = [word.partition(";")[0].strip() for word in ",".join(headers.getall("Prefer", [])).split(",")]
        pairs: dict[str, str] = {}
        for word in words:
            name, _, value = word.partition("=")
            pairs.setdefault(name.strip().lower(), value.strip().strip('"'))
        return cls(
            wait=_seconds(pairs["wait"]) if "wait" in pairs else None,
            respond_async="respond-async" in pairs,
        )


def applied_wait(seconds: float) -> dict[str, str]:
    """Returns the header that says how long the request was ready to wait."""
    return {"Preference-Applied": f"wait={seconds:g}"}


def _seconds(text: str) -> float:
    if _SECONDS.fullmatch(text) is None:
        raise BadRequest("the preference wait is not a number of seconds, such as wait=20 or wait=2.5")
    return min(float(text), MAX_WAIT_SECONDS)
