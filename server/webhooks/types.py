"""Types of events that a webhook may name."""

from enum import StrEnum


class WebhookType(StrEnum):
    """The type of an event that a webhook may name."""

    SESSION_STATUS = "session.status"
    SESSION_DELETED = "session.deleted"
    SESSION_RESTRICTED = "session.restricted"
    MESSAGE_RECEIVED = "message.received"
    MESSAGE_STATUS = "message.status"
    MESSAGE_REACTION = "message.reaction"
    MESSAGE_EDITED = "message.edited"
    MESSAGE_REVOKED = "message.revoked"
    CALL_RECEIVED = "call.received"
    CONTACT_LINKED = "contact.linked"
    # No log has what follows: it is sent once, to webhooks that name it.
    SESSION_QR = "session.qr"  # a code to scan
    SESSION_PROBLEM = "session.problem"  # why there is no code
    TYPING = "typing"


#: They are sent once, without retries.
ONCE = frozenset({WebhookType.SESSION_QR, WebhookType.SESSION_PROBLEM, WebhookType.TYPING})

#: They need a key that may read sessions.
OF_CODES = frozenset({WebhookType.SESSION_QR, WebhookType.SESSION_PROBLEM})


#: The event of a test delivery.
TEST = "webhook.test"
