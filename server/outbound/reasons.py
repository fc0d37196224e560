"""Why a message failed: codes for programs, and sentences for people."""

from store.records import Reason

NOT_ON_WHATSAPP = "not-on-whatsapp"
RESTRICTED = "restricted"
NEW_CHAT_LIMIT = "new-chat-limit"
REJECTED = "rejected"
NO_DEVICE = "no-device"
EXPIRED = "expired"
CANCELLED = "cancelled"
LOGGED_OUT = "logged-out"
TARGET_FAILED = "target-failed"
#: Given by connectors.
IN_DOUBT = "in-doubt"
#: Given by the store: RESTORED in store/sqlite/outbox.py.
RESTORED = "restored"

#: The recipient of a message that failed for one of these may have it: it may be edited and revoked.
DOUBTFUL = frozenset({IN_DOUBT, RESTORED, LOGGED_OUT})

SENTENCES = {
    NOT_ON_WHATSAPP: "the number has no WhatsApp",
    RESTRICTED: "WhatsApp lets this account begin no chats for a time (463)",
    NEW_CHAT_LIMIT: "WhatsApp lets this account begin no more chats for a time (475)",
    REJECTED: "WhatsApp did not take the message",
    NO_DEVICE: "none of the recipient's devices could be encrypted for",
    EXPIRED: "it could not be sent before its time was over",
    CANCELLED: "it was cancelled before it was sent",
    LOGGED_OUT: "the session was logged out before it was sent",
    TARGET_FAILED: "the message that it is about failed, so nobody has that",
}

#: Of a message that a connector had.
LOGGED_OUT_IN_DOUBT = Reason(
    LOGGED_OUT, "the session was logged out before WhatsApp confirmed it: WhatsApp may have it or not"
)

#: Of a message whose time is over, and that a connector had which does not run any more.
NOBODY_KNOWS = Reason(
    IN_DOUBT, "its time is over, and the session has no process that could say whether WhatsApp has it"
)


def failure(code: str) -> Reason:
    """Returns the reason with this code."""
    return Reason(code, SENTENCES[code])
