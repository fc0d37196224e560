"""What a request prefers: the header `Prefer`, RFC 7240."""

import re
from typing import NamedTuple, Self

from multidict import CIMultiDictProxy

#: Seconds that a request may wait for news.
LONGEST_WAIT = 60


class Preferences(NamedTuple):
    """What Motte honours of it. What it does not know or cannot read is passed over, as the RFC wants."""

    #: Seconds to wait for something newer.
    wait: int | None = None
    #: Answer at once, before the work is done.
    respond_async: bool = False

    @classmethod
    def of(cls, headers: CIMultiDictProxy[str]) -> Self:
        """The first of each kind counts."""
        words = [word.partition(";")[0].strip() for word in ",".join(headers.getall("Prefer", [])).split(",")]
        pairs: dict[str, str] = {}
        for word in words:
            name, _, value = word.partition("=")
            pairs.setdefault(name.strip().lower(), value.strip().strip('"'))
        wait = re.fullmatch(r"[0-9]{1,9}", pairs.get("wait", ""))
        return cls(
            wait=min(int(wait[0]), LONGEST_WAIT) if wait else None,
            respond_async="respond-async" in pairs,
        )
