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
    SESSION_QR = "session.qr"  # a code to scan: it is in no log, and goes only to webhooks that name it


#: The event of a test delivery.
TEST = "webhook.test"
