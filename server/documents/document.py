"""What all JSON documents in responses have in common."""

from typing import Annotated

import msgspec
from msgspec import Meta

Timestamp = Annotated[
    str, Meta(extra_json_schema={"format": "date-time"}, description="ISO 8601, UTC, milliseconds, `Z`")
]


class Document(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A JSON object with camel-case keys. Every key is always present, unless its type allows `UNSET`."""
