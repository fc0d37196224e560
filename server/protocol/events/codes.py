"""Events of codes that link an account: codes to scan, and codes to type."""

import msgspec

from server.protocol.bounds import Count, Lifetime, Moment, Name, Payload, Word
from server.protocol.events.base import Event
from store.records.reason import Reason


class IssuedQr(msgspec.Struct, frozen=True, rename="camel", kw_only=True):
    """A code, with the time at which the connector received it."""

    #: Which code of its socket, from 1.
    ordinal: Count
    #: What a picture must encode. Opaque: since May 2026 it is a URL.
    payload: Payload
    #: Boot clock, seconds.
    issued_at: Moment
    #: Seconds it can be scanned: 60 for the first of a socket, 20 after (Baileys, Socket/socket.ts).
    lifetime: Lifetime


class QrIssued(Event, frozen=True, tag="qr_issued", kw_only=True):
    """WhatsApp gave a code to scan; where it retired the secret in one, the same ordinal comes again.

    Followed by another QrIssued, by PairingCodeAwaited, Paired, QrsExhausted or Closed.
    """

    ordinal: Count
    payload: Payload
    issued_at: Moment
    lifetime: Lifetime
    #: Of WhatsApp Web, as the link announced it; None: the one built into Baileys, or not known.
    version: Word | None = None
    #: Whether the code is shown again since WhatsApp retired the secret in it.
    is_refresh: bool = False


class PairingCodeAwaited(Event, frozen=True, tag="pairing_code_awaited", kw_only=True):
    """All QR codes of the socket were shown, and a pairing code can still be typed.

    Followed by Paired, QrsExhausted or Closed.
    """

    #: When WhatsApp is expected to end the socket: boot clock, seconds.
    until: Moment


class QrsExhausted(Event, frozen=True, tag="qrs_exhausted"):
    """All codes of the socket were shown and nobody was linked. Followed by Ended."""


class ScanRefused(Event, frozen=True, tag="scan_refused", kw_only=True):
    """A phone scanned, and cannot link. The code that is shown can be scanned again."""

    reason: Reason


class PairingCodeIssued(Event, frozen=True, tag="pairing_code_issued", kw_only=True):
    """A code to type on the phone. Followed by Paired, PairingCodeAwaited, QrsExhausted or Closed."""

    #: The request of the PairByCode that asked for it.
    request: Name
    #: Eight characters.
    code: Word
    #: Boot clock, seconds.
    issued_at: Moment
    #: Seconds it can be typed: until WhatsApp is expected to end its socket.
    lifetime: Lifetime


class PairingCodeRefused(Event, frozen=True, tag="pairing_code_refused", kw_only=True):
    """There is no code to type; the reason says why."""

    request: Name
    reason: Reason


class PairingCodeWithdrawn(Event, frozen=True, tag="pairing_code_withdrawn", kw_only=True):
    """The newest code to type is invalid, and its socket is open: WhatsApp wants another code."""
