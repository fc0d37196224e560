"""Reasons why a message fails, from connector/message-failures.json, which connectors read too."""

from typing import Final

import msgspec

from server.protocol.tables import read_table


class Failure(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename="camel", kw_only=True):
    """Meaning of one reason."""

    #: The sentence that a message shows, in lower case. A colon and a cause may follow.
    detail: str
    #: What happened, for docs/reference/sending.md.
    happened: str
    #: Whether the recipient may have the message all the same: it may be edited and revoked.
    may_have_arrived: bool


#: Code -> meaning.
TABLE: Final = read_table("message-failures.json", Failure)
