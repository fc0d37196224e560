"""The request header `If-None-Match`, RFC 9110: the versions that a client has."""

import re

from multidict import CIMultiDictProxy

#: What proxies that compress append to an ETag, within its quotes or after them: `"x-gzip"`, `"x";br`.
_COMPRESSION = re.compile(r"[-;:]{1,2}(?:gzip|br|deflate|zstd)$", re.IGNORECASE)

#: Characters around the text of an ETag; a shell or a template may have escaped the quotes.
_QUOTES = "\"'\\ \t"


def held_etags(headers: CIMultiDictProxy[str]) -> frozenset[str]:
    """Returns what is between the quotes of each ETag.

    Recognizes an ETag that lost its quotes or its `W/` on the way, or that a proxy marked as compressed:
    a client that waits in a loop would otherwise never wait.
    """
    tags = ",".join(headers.getall("If-None-Match", [])).split(",")
    return frozenset(filter(None, map(_opaque, tags)))


def _opaque(tag: str) -> str:
    bare = tag.strip(_QUOTES).removeprefix("W/").removeprefix("w/").strip(_QUOTES)
    return _COMPRESSION.sub("", bare).strip(_QUOTES)
