"""What an event makes of a session: pure, so that it can run inside a transaction."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import NamedTuple

from server.core.clock import iso
from server.core.errors import ConflictingState
from server.domain import states
from server.domain.states import UNPAIRED, Happening
from server.protocol import reasons
from server.protocol.events import (
    AnyEvent,
    Closed,
    Ended,
    Event,
    IssuedQr,
    LoggedOut,
    MessageReceived,
    MessageSkipped,
    Opened,
    Paired,
    PairingCodeAwaited,
    QrIssued,
    QrsExhausted,
    ScanRefused,
    Snapshot,
    Spooled,
)
from server.protocol.exit_codes import EXIT_REASONS, NO_ROOM, STORAGE_UNAVAILABLE
from store.records import Qr, Reason, Session, Status

#: Why a session is not connected whose process answered no more.
DEAF = "connector-deaf"
#: Why a session is not connected whose process crashed, and is started again.
CRASHED = "connector-crashed"

#: Why a phone that scanned cannot link, while the code can still be scanned.
SCAN_REFUSED = "multidevice-mismatch"

#: How a refusal names what was asked.
_VERBS = {
    Happening.START_ASKED: "start",
    Happening.RESUME_ASKED: "start",
    Happening.STOP_ASKED: "stop",
    Happening.RESTART_ASKED: "restart",
    Happening.RETRY_ASKED: "restart",
    Happening.FORGET_ASKED: "restart",
    Happening.LOGOUT_ASKED: "log out",
}


class Now(NamedTuple):
    """One reading of the clock."""

    #: Milliseconds since 1970, UTC.
    wall: int
    #: Boot clock, seconds.
    boot: float
    boot_id: str


def is_stale(session: Session, event: Event) -> bool:
    """Whether an older start of the connector said it, or it is stored already."""
    if isinstance(event, Ended):
        return False
    if isinstance(event, Spooled):
        return event.seq <= session.have
    return event.epoch < session.epoch


def after(session: Session, event: AnyEvent, now: Now) -> Session:
    """The session once the event is taken in; the very same object where it changes nothing."""
    if is_stale(session, event):
        return session
    if isinstance(event, MessageReceived | MessageSkipped):
        return _heard(session, event)
    moved = _moved(_heard(session, event), event, now)
    return session if moved == session else replace(moved, updated_at=now.wall)


def asked(session: Session, happening: Happening, now: Now) -> Session:
    """The session once a caller's wish is granted. Raises ConflictingState."""
    status = check(session, happening)
    if _is_of_nobody(session, happening):
        session = replace(session, qr=None, phone_number=None, push_name=None, connected_at=None)
    if status is session.status:
        return session
    return replace(session, status=status, reason=None, qr=None, updated_at=now.wall)


def _is_of_nobody(session: Session, happening: Happening) -> bool:
    """Whether the account of the session is no longer its account once this wish is granted."""
    is_begun = happening in (Happening.RESTART_ASKED, Happening.RETRY_ASKED)
    return happening is Happening.FORGET_ASKED or (is_begun and session.status is Status.LOGGED_OUT)


def check(session: Session, happening: Happening) -> Status:
    """The status that a caller's wish leads to. Raises ConflictingState, which names the present one."""
    status = states.after(session.status, happening)
    if status is None:
        verb = _VERBS[happening]
        way_on = "; a restart begins a new pairing" if session.status is Status.LOGGED_OUT else ""
        raise ConflictingState(f"cannot {verb} while {session.status}{way_on}", session=session)
    return status


def _heard(session: Session, event: Event) -> Session:
    """A newer start of the connector means that the older one's code is dead."""
    if isinstance(event, Spooled):
        session = replace(session, have=event.seq)
    if event.epoch > session.epoch:
        session = replace(session, epoch=event.epoch, qr=None, reason=_lasting(session))
    return session


def _lasting(session: Session) -> Reason | None:
    """The reason why the session stands there, unless that ends with its socket."""
    return None if reasons.awaits_pairing_code(session) else session.reason


def _moved(session: Session, event: AnyEvent, now: Now) -> Session:
    match event:
        case QrIssued() | PairingCodeAwaited() | QrsExhausted():
            return _with_code(session, event, now)
        case ScanRefused(reason=reason):
            return _refused(session, reason)
        case Paired():
            return _with_account(_move(session, Happening.PAIRED), event)
        case Opened():
            return _opened(session, event, now)
        case Closed(reason=reason):
            return _move(session, _closing(session, event), reason)
        case LoggedOut(reason=reason):
            return replace(_move(session, Happening.LOGGED_OUT, reason), connected_at=None)
        case Snapshot():
            return _as_seen(session, event, now)
        case Ended():
            return _ended(session, event, now)
        case _:
            return session


def _move(session: Session, happening: Happening, reason: Reason | None = None) -> Session:
    """The one place that assigns a status. A code does not outlive what moved its session."""
    status = states.after(session.status, happening)
    if status is None:
        return replace(session, qr=None)
    return replace(session, status=status, reason=reason, qr=None)


def _refused(session: Session, why: Reason) -> Session:
    """The last phone that scanned, or typed, could not link."""
    is_shown = session.status in UNPAIRED and not reasons.awaits_pairing_code(session)
    return replace(session, reason=why) if is_shown else session


def _with_code(session: Session, event: QrIssued | PairingCodeAwaited | QrsExhausted, now: Now) -> Session:
    """What its socket has to link a phone with."""
    match event:
        case QrIssued():
            return _with_qr(session, event, now)
        case PairingCodeAwaited(until=until):
            return _awaiting(session, until, now)
        case QrsExhausted():
            return _move(session, Happening.QRS_EXHAUSTED)


def _with_qr(session: Session, issued: QrIssued | IssuedQr, now: Now) -> Session:
    if states.after(session.status, Happening.QR_ISSUED) is None:
        return session
    before = session.qr
    this = (issued.ordinal, session.epoch, now.boot_id)
    if before is not None and (before.ordinal, before.epoch, before.boot_id) == this:
        qr = replace(before, payload=issued.payload)  # Its secret may be new; its time is what it was.
    else:
        qr = _stamped(issued, session.epoch, now)
    return replace(_move(session, Happening.QR_ISSUED, _of_last_scan(session)), qr=qr)


def _stamped(issued: QrIssued | IssuedQr, epoch: int, now: Now) -> Qr:
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


def _of_last_scan(session: Session) -> Reason | None:
    """Why the last phone that scanned could not link: it holds until another one scans."""
    is_refused = session.reason is not None and session.reason.code == SCAN_REFUSED
    return session.reason if is_refused else None


def _awaiting(session: Session, until: float, now: Now) -> Session:
    """Its QR codes are used up; its socket stays for a pairing code. until: boot clock, seconds."""
    if reasons.awaits_pairing_code(session):
        return replace(session, qr=None)
    moment = iso(now.wall + round((until - now.boot) * 1000))
    detail = reasons.TABLE[reasons.PAIRING_CODE_AWAITED].detail
    awaited = reasons.reason(reasons.PAIRING_CODE_AWAITED, f"{detail}, until {moment} at the latest")
    return _move(session, Happening.QRS_EXHAUSTED, awaited)


def _with_account(session: Session, event: Paired | Opened | Snapshot) -> Session:
    return replace(
        session,
        phone_number=event.phone_number or session.phone_number,
        push_name=event.push_name or session.push_name,
    )


def _opened(session: Session, event: Opened | Snapshot, now: Now) -> Session:
    """A link that was open all along keeps the moment at which it opened."""
    opened = _with_account(_move(session, Happening.OPENED), event)
    if opened.status is session.status or opened.status is not Status.CONNECTED:
        return opened
    return replace(opened, connected_at=now.wall, linked_at=now.wall)


def _closing(session: Session, event: Closed) -> Happening:
    hopeless = reasons.FAILS_UNPAIRED if session.status in UNPAIRED else reasons.NEEDS_A_PERSON
    return Happening.REFUSED if event.reason.code in hopeless else Happening.LINK_LOST


def _as_seen(session: Session, snapshot: Snapshot, now: Now) -> Session:
    match snapshot.phase:
        case "qr" if snapshot.qr is not None:
            return _with_qr(replace(session, reason=snapshot.reason), snapshot.qr, now)
        case "pairing_code" if snapshot.pairing_code_until is not None:
            return _awaiting(session, snapshot.pairing_code_until, now)
        case "pairing":
            return _with_account(_move(session, Happening.PAIRED), snapshot)
        case "open":
            return _opened(session, snapshot, now)
        case "reconnecting":
            return _move(session, Happening.LINK_SOUGHT, snapshot.reason or _lasting(session))
        case _:
            return _move(session, Happening.LINK_LOST, snapshot.reason or _lasting(session))


def _ended(session: Session, event: Ended, now: Now) -> Session:
    if event.state == "FATAL":
        detail = f"the connector crashed {event.tries} times in a row"
        crashed = reasons.reason("connector-unavailable", detail)
        return _move(session, Happening.GIVEN_UP, EXIT_REASONS.get(event.exit or 0, crashed))
    happening = Happening.STOP_ASKED if event.by_hand else Happening.LINK_LOST
    return _move(session, happening, _between_two_tries(event, now) or _lasting(session))


def _between_two_tries(event: Ended, now: Now) -> Reason | None:
    """Why the connector ended; None if it did not crash."""
    if event.exit == NO_ROOM:
        return STORAGE_UNAVAILABLE
    if event.state != "BACKOFF":
        return None
    code = DEAF if event.deaf else CRASHED
    due = datetime.fromtimestamp(now.wall // 1000 + (event.retry_in or 0), UTC)
    times = "" if event.tries <= 1 else f" {event.tries} times in a row"
    detail = f"{reasons.TABLE[code].detail}{times}; the next try is at {due:%Y-%m-%dT%H:%M:%SZ}"
    return reasons.reason(code, detail)
