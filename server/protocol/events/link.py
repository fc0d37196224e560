"""Events of the link between an account and WhatsApp."""

from server.protocol.bounds import Moment, Name, Number, Span, WallMoment, Word
from server.protocol.events.base import Event, Spooled
from server.protocol.events.codes import IssuedQr
from store.records.reason import Reason


class Snapshot(Event, frozen=True, tag="snapshot", kw_only=True):
    """The state of the connector. Comes once after each Ready."""

    #: connecting, qr, pairing_code, pairing, open or reconnecting.
    phase: Word
    qr: IssuedQr | None = None
    #: In the phase `pairing_code`, as in PairingCodeAwaited.
    pairing_code_until: Moment | None = None
    phone_number: Number | None = None
    push_name: Name | None = None
    #: Why the last link closed.
    reason: Reason | None = None


class Paired(Spooled, frozen=True, tag="paired", kw_only=True):
    """The phone scanned. Followed by a restart of the connector (515) and Opened."""

    phone_number: Number
    push_name: Name | None = None


class Opened(Spooled, frozen=True, tag="opened", kw_only=True):
    """The link to WhatsApp is open. Followed by Closed or LoggedOut."""

    phone_number: Number
    push_name: Name | None = None
    #: Of WhatsApp Web, as the link announced it; None: the one built into Baileys, or not known.
    version: Word | None = None


class Closed(Spooled, frozen=True, tag="closed", kw_only=True):
    """The link is closed, and its code is invalid."""

    reason: Reason
    #: Seconds until the connector tries again by itself; None: its process ends, and must be started.
    retry_in: Span | None = None
    #: Seconds for which WhatsApp will refuse the account; None: it did not say.
    wait_for: Span | None = None
    #: Of WhatsApp Web, as the link announced it; None: the one built into Baileys, or not known.
    version: Word | None = None


class LoggedOut(Spooled, frozen=True, tag="logged_out", kw_only=True):
    """The account no longer knows this device; its credentials are wiped. Followed by Ended."""

    reason: Reason


class Restricted(Spooled, frozen=True, tag="restricted", kw_only=True):
    """WhatsApp lets the account begin no more chats for a time. It moves no session."""

    #: `restricted` (WhatsApp's 463), `new-chat-limit` (475).
    code: Word
    #: Milliseconds since 1970; None: WhatsApp did not say.
    until: WallMoment | None = None
