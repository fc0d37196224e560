"""Errors of a session's state: what was requested does not fit it."""

from server.core.errors.base import SESSION_LOCATION, MotteError


class Conflict(MotteError):
    """The state of the session does not allow this."""

    status = 409
    described_headers = SESSION_LOCATION


class SessionExists(Conflict):
    """A session with this id exists already."""

    code = "session-exists"


class ConflictingState(Conflict):
    """The session's status does not allow this."""

    code = "conflicting-state"


class AlreadyConnected(Conflict):
    """The session is connected: there is nothing to link.

    Another phone can be linked after a logout.
    """

    code = "already-connected"


class PasskeyRequired(Conflict):
    """The account must confirm the link with a passkey, which Motte cannot do.

    Only another account can be linked.
    """

    code = "passkey-required"


class WebhooksFull(MotteError):
    """There may be no more webhooks.

    Delete one that nobody needs.
    """

    code, status = "too-many-webhooks", 409
