"""The request header `Prefer`, RFC 7240."""

import re
from typing import NamedTuple, Self

from multidict import CIMultiDictProxy

#: Seconds that a request may wait for a change.
MAX_WAIT_SECONDS = 60


class Preferences(NamedTuple):
    """The preferences that Motte honours. It ignores all others, as the RFC requires."""

    #: Seconds to wait for a change.
    wait: int | None = None
    #: Respond at once, before the work is done.
    respond_async: bool = False

    @classmethod
    def of(cls, headers: CIMultiDictProxy[str]) -> Self:
        """Returns the preferences of a request. The first of several with the same name counts."""
        words = [word.partition(";")[0].strip() for word in ",".join(headers.getall("Prefer", [])).split(",")]
        pairs: dict[str, str] = {}
        for word in words:
            name, _, value = word.partition("=")
            pairs.setdefault(name.strip().lower(), value.strip().strip('"'))
        wait = re.fullmatch(r"[0-9]{1,9}", pairs.get("wait", ""))
        return cls(
            wait=min(int(wait[0]), MAX_WAIT_SECONDS) if wait else None,
            respond_async="respond-async" in pairs,
        )
