"""Applies events of a connector to a session. Pure, so that it can run inside a transaction."""

from dataclasses import replace
from typing import NamedTuple

from server.core.clock import iso
from server.domain import connector_exits, states
from server.domain.states import UNPAIRED, Happening
from server.protocol import reasons
from server.protocol.events.base import Event, Spooled
from server.protocol.events.codes import IssuedQr, PairingCodeAwaited, QrIssued, QrsExhausted, ScanRefused
from server.protocol.events.lines import AnyEvent
from server.protocol.events.link import Closed, LoggedOut, Opened, Paired, Snapshot
from server.protocol.events.process import Ended
from store.records.reason import Reason
from store.records.sessions import Qr, Session, Status

#: Reason of a session whose code was scanned by a phone that cannot link. The code stays valid.
SCAN_REFUSED = "multidevice-mismatch"


class Now(NamedTuple):
    """One reading of the clock."""

    #: Milliseconds since 1970, UTC.
    wall: int
    #: Boot clock, seconds.
    boot: float
    boot_id: str


def is_stale(session: Session, event: Event) -> bool:
    """Whether the event is of an older start of the connector, or was stored already."""
    if isinstance(event, Ended):
        return False
    if isinstance(event, Spooled):
        return event.seq <= session.have
    return event.epoch < session.epoch


def after(session: Session, event: AnyEvent, now: Now) -> Session:
    """Returns the session after an event; the same object if the event changes nothing."""
    if is_stale(session, event):
        return session
    applied = _apply(acknowledged(session, event), event, now)
    return session if applied == session else replace(applied, updated_at=now.wall)


def acknowledged(session: Session, event: Event) -> Session:
    """Stores the sequence number and the epoch. A newer epoch invalidates the code of the older one."""
    if isinstance(event, Spooled):
        session = replace(session, have=event.seq)
    if event.epoch > session.epoch:
        session = replace(session, epoch=event.epoch, qr=None, reason=_kept_reason(session))
    return session


def _kept_reason(session: Session) -> Reason | None:
    """Returns the session's reason, unless that reason ends with the socket."""
    return None if reasons.awaits_pairing_code(session) else session.reason


def _apply(session: Session, event: AnyEvent, now: Now) -> Session:
    match event:
        case QrIssued() | PairingCodeAwaited() | QrsExhausted():
            return _apply_code(session, event, now)
        case ScanRefused(reason=reason):
            return _apply_scan_refused(session, reason)
        case Paired():
            return _with_account(_move(session, Happening.PAIRED), event)
        case Opened():
            return _apply_opened(session, event, now)
        case Closed(reason=reason):
            return _move(session, _happening_of_close(session, event), reason)
        case LoggedOut(reason=reason):
            return replace(_move(session, Happening.LOGGED_OUT, reason), connected_at=None)
        case Snapshot():
            # It answers the hello, so the connector knows of the restore by now.
            return _apply_snapshot(replace(session, is_restored=False), event, now)
        case Ended():
            happening, why = connector_exits.outcome(event, now_ms=now.wall)
            return _move(session, happening, why or _kept_reason(session))
        case _:
            return session


def _move(session: Session, happening: Happening, reason: Reason | None = None) -> Session:
    """Changes the status: the only place that does after an event. The code is removed."""
    status = states.after(session.status, happening)
    if status is None:
        return replace(session, qr=None)
    return replace(session, status=status, reason=reason, qr=None)


def _apply_scan_refused(session: Session, why: Reason) -> Session:
    """Stores why the last phone that scanned, or typed a code, could not link."""
    is_shown = session.status in UNPAIRED and not reasons.awaits_pairing_code(session)
    return replace(session, reason=why) if is_shown else session


def _apply_code(session: Session, event: QrIssued | PairingCodeAwaited | QrsExhausted, now: Now) -> Session:
    """Stores the codes that the socket has for a phone."""
    match event:
        case QrIssued():
            return _with_qr(session, event, now)
        case PairingCodeAwaited(until=until):
            return _await_pairing_code(session, until, now)
        case QrsExhausted():
            return _move(session, Happening.QRS_EXHAUSTED)


def _with_qr(session: Session, issued: QrIssued | IssuedQr, now: Now) -> Session:
    if states.after(session.status, Happening.QR_ISSUED) is None:
        return session
    before = session.qr
    same = (issued.ordinal, session.epoch, now.boot_id)
    if before is not None and (before.ordinal, before.epoch, before.boot_id) == same:
        qr = replace(before, payload=issued.payload)  # the payload may have changed, the time has not
    else:
        qr = _new_qr(issued, session.epoch, now)
    return replace(_move(session, Happening.QR_ISSUED, _reason_of_last_scan(session)), qr=qr)


def _new_qr(issued: QrIssued | IssuedQr, epoch: int, now: Now) -> Qr:
    issued_at = min(issued.issued_at, now.boot)
    expires_at = issued_at + issued.lifetime
    return Qr(
        payload=issued.payload,
        ordinal=issued.ordinal,
        epoch=epoch,
        issued_at=issued_at,
        expires_at=expires_at,
        shown_expires_at=now.wall + round((expires_at - now.boot) * 1000),
        boot_id=now.boot_id,
    )


def _reason_of_last_scan(session: Session) -> Reason | None:
    """Returns why the last phone that scanned could not link. It is kept until another phone scans."""
    is_refused = session.reason is not None and session.reason.code == SCAN_REFUSED
    return session.reason if is_refused else None


def _await_pairing_code(session: Session, until: float, now: Now) -> Session:
    """Handles used-up QR codes, if the socket stays open for a pairing code. until: boot clock, seconds."""
    if reasons.awaits_pairing_code(session):
        return replace(session, qr=None)
    moment = iso(now.wall + round((until - now.boot) * 1000))
    detail = reasons.TABLE[reasons.PAIRING_CODE_AWAITED].detail
    awaited = reasons.reason(reasons.PAIRING_CODE_AWAITED, f"{detail}, until {moment} at the latest")
    return _move(session, Happening.QRS_EXHAUSTED, awaited)


def _with_account(session: Session, event: Paired | Opened | Snapshot) -> Session:
    """Stores the account. What WhatsApp forbade the one before it does not hold for another one."""
    linked = replace(
        session,
        phone_number=event.phone_number or session.phone_number,
        push_name=event.push_name or session.push_name,
    )
    if linked.phone_number in (None, linked.account):
        return linked
    return replace(linked, account=linked.phone_number, restriction=None, restricted_until=None)


def _apply_opened(session: Session, event: Opened | Snapshot, now: Now) -> Session:
    """Stores when the link opened. A link that was open already keeps its moment."""
    opened = _with_account(_move(session, Happening.OPENED), event)
    if opened.status is session.status or opened.status is not Status.CONNECTED:
        return opened
    return replace(opened, connected_at=now.wall, linked_at=now.wall)


def _happening_of_close(session: Session, event: Closed) -> Happening:
    permanent = reasons.FAILS_UNPAIRED if session.status in UNPAIRED else reasons.NEEDS_A_PERSON
    return Happening.REFUSED if event.reason.code in permanent else Happening.LINK_LOST


def _apply_snapshot(session: Session, snapshot: Snapshot, now: Now) -> Session:
    match snapshot.phase:
        case "qr" if snapshot.qr is not None:
            return _with_qr(replace(session, reason=snapshot.reason), snapshot.qr, now)
        case "pairing_code" if snapshot.pairing_code_until is not None:
            return _await_pairing_code(session, snapshot.pairing_code_until, now)
        case "pairing":
            return _with_account(_move(session, Happening.PAIRED), snapshot)
        case "open":
            return _apply_opened(session, snapshot, now)
        case "reconnecting":
            return _move(session, Happening.LINK_SOUGHT, snapshot.reason or _kept_reason(session))
        case _:
            return _move(session, Happening.LINK_LOST, snapshot.reason or _kept_reason(session))
