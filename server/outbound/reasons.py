"""Why a message failed: the codes that this front gives or asks for."""

from server.protocol.message_failures import TABLE
from store.records.reason import Reason

NOT_ON_WHATSAPP = "not-on-whatsapp"
EXPIRED = "expired"
IN_DOUBT = "in-doubt"
CANCELLED = "cancelled"
LOGGED_OUT = "logged-out"
TARGET_FAILED = "target-failed"

#: The recipient of a message that failed for one of these may have it: it may be edited and revoked.
DOUBTFUL = frozenset(code for code, meaning in TABLE.items() if meaning.may_have_arrived)

#: Of a message that a connector had.
LOGGED_OUT_IN_DOUBT = Reason(
    LOGGED_OUT, "the session was logged out before WhatsApp confirmed it: WhatsApp may have it or not"
)

#: Of a message whose time is over, and that a connector had which does not run any more.
NOBODY_KNOWS = Reason(
    IN_DOUBT, "its time is over, and the session has no process that could say whether WhatsApp has it"
)

#: Stands for a reason of a newer connector.
_UNKNOWN = "rejected"


def failure(code: str) -> Reason:
    """Returns the reason with this code."""
    return Reason(code, TABLE[code].detail)


def in_words(reason: Reason) -> Reason:
    """Returns the reason with a sentence: a connector may say no more than the code."""
    return reason if reason.detail else Reason(reason.code, TABLE.get(reason.code, TABLE[_UNKNOWN]).detail)
