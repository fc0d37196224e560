"""What events make of a session."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.domain import states
from server.domain.states import Happening
from server.domain.transitions import Now, after
from server.protocol import reasons
from server.protocol.events.base import Event
from server.protocol.events.codes import IssuedQr, PairingCodeAwaited, QrIssued, QrsExhausted, ScanRefused
from server.protocol.events.lines import AnyEvent
from server.protocol.events.link import Closed, LoggedOut, Opened, Paired, Snapshot
from server.protocol.events.process import Ended
from server.protocol.reasons import awaits_pairing_code
from store.records.reason import Reason
from store.records.sessions import Session, Status

NOW = Now(wall=1_000_000, boot=500.0, boot_id="boot")
LOST = Reason("connection-lost", "the connection was lost")


def session(status: Status = Status.STARTING, *, epoch: int = 1, have: int = 0) -> Session:
    return Session(id="shop", status=status, epoch=epoch, have=have, created_at=0, updated_at=0)


def issued(*, epoch: int = 1, issued_at: float = 499.0, lifetime: float = 60.0) -> QrIssued:
    return QrIssued(epoch=epoch, ordinal=1, payload="code", issued_at=issued_at, lifetime=lifetime)


def test_a_code_expires_a_lifetime_after_the_connector_stamped_it() -> None:
    moved = after(session(), issued(), NOW)
    assert moved.status is Status.QR_WAITING
    assert moved.qr is not None
    assert (moved.qr.expires_at, moved.qr.shown_expires_at) == (559.0, 1_059_000)


def test_a_code_that_claims_to_come_from_the_future_lives_no_longer_for_it() -> None:
    moved = after(session(), issued(issued_at=9999.0), NOW)
    assert moved.qr is not None
    assert moved.qr.expires_at == 560.0


def test_what_an_older_start_of_the_connector_says_is_dropped() -> None:
    old = session(epoch=2)
    assert after(old, issued(epoch=1), NOW) is old


def test_a_newer_start_of_the_connector_kills_the_code_of_the_older_one() -> None:
    waiting = after(session(), issued(), NOW)
    assert after(waiting, Snapshot(epoch=2, phase="connecting"), NOW).qr is None


def test_an_event_that_is_stored_already_changes_nothing() -> None:
    paired = session(Status.PAIRING, have=7)
    assert after(paired, Opened(epoch=1, seq=7, phone_number="1"), NOW) is paired


def test_a_spooled_event_of_an_older_start_still_counts() -> None:
    moved = after(session(epoch=2), Paired(epoch=1, seq=1, phone_number="1555"), NOW)
    assert (moved.status, moved.phone_number, moved.have) == (Status.PAIRING, "1555", 1)


def test_a_snapshot_of_an_open_link_keeps_the_moment_at_which_it_opened() -> None:
    connected = replace(session(Status.CONNECTED), connected_at=7)
    assert after(connected, Snapshot(epoch=1, phase="open"), NOW).connected_at == 7


def test_a_paired_session_that_is_started_by_hand_is_disconnected_until_whatsapp_is_there() -> None:
    stopped = after(session(Status.CONNECTED), Ended(state="STOPPED", by_hand=True), NOW)
    assert stopped.status is Status.STOPPED
    assert after(stopped, Snapshot(epoch=2, phase="reconnecting"), NOW).status is Status.DISCONNECTED


def test_the_end_of_a_connector_that_was_asked_to_stop_leaves_its_session_stopped() -> None:
    assert after(session(Status.STOPPED), Ended(state="STOPPED"), NOW).status is Status.STOPPED


def test_a_refusal_that_needs_a_person_is_a_failure_with_its_reason() -> None:
    reason = Reason("account-banned", "403")
    moved = after(session(Status.CONNECTED), Closed(epoch=1, seq=1, reason=reason), NOW)
    assert (moved.status, moved.reason) == (Status.FAILED, reason)


@pytest.mark.parametrize("code", sorted(reasons.TABLE))
@pytest.mark.parametrize("status", sorted(states.UNPAIRED))
def test_no_refusal_ends_a_session_that_is_not_paired_but_a_passkey(status: Status, code: str) -> None:
    reason = Reason(code, "")
    moved = after(session(status), Closed(epoch=1, seq=1, reason=reason), NOW)
    assert moved.status is (Status.FAILED if code == "passkey-required" else status)
    assert moved.reason == reason


def test_a_code_for_a_paired_account_changes_nothing_that_callers_see() -> None:
    moved = after(session(Status.CONNECTED), issued(), NOW)
    assert (moved.status, moved.qr) == (Status.CONNECTED, None)


def test_a_connector_that_crashed_too_often_is_a_failure() -> None:
    moved = after(session(Status.CONNECTED), Ended(state="FATAL", tries=5), NOW)
    assert moved.status is Status.FAILED
    assert moved.reason == Reason("connector-unavailable", "the connector crashed 5 times in a row")


@pytest.mark.parametrize(
    ("tries", "deaf", "code", "says"),
    [
        (1, False, "connector-crashed", "the session's process crashed"),
        (7, False, "connector-crashed", "the session's process crashed 7 times in a row"),
        (2, True, "connector-deaf", "the session's process did not answer and was killed 2 times in a row"),
    ],
)
def test_a_session_whose_process_crashed_says_how_often_and_when_the_next_try_is(
    tries: int, deaf: bool, code: str, says: str
) -> None:
    ended = Ended(state="BACKOFF", exit=1, tries=tries, retry_in=90.0, deaf=deaf)
    moved = after(session(Status.CONNECTED), ended, NOW)
    due = datetime.fromtimestamp(NOW.wall // 1000 + 90, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    assert moved.status is Status.DISCONNECTED
    assert moved.reason == Reason(code, f"{says}; the next try is at {due}")


def test_a_phone_that_cannot_link_leaves_the_code_and_its_reason_stays_until_another_scans() -> None:
    why = Reason("multidevice-mismatch", "update WhatsApp there")
    waiting = after(session(), issued(), NOW)
    refused = after(waiting, ScanRefused(epoch=1, reason=why), NOW)
    assert (refused.status, refused.qr, refused.reason) == (Status.QR_WAITING, waiting.qr, why)
    assert after(refused, issued(), NOW).reason == why
    assert after(refused, Paired(epoch=1, seq=1, phone_number="1"), NOW).reason is None


def test_a_snapshot_repeats_why_the_last_phone_could_not_link() -> None:
    why = Reason("multidevice-mismatch", "update WhatsApp there")
    code = IssuedQr(ordinal=1, payload="code", issued_at=499.0, lifetime=60.0)
    assert after(session(), Snapshot(epoch=1, phase="qr", qr=code, reason=why), NOW).reason == why


EVENTS: list[Event] = [
    QrsExhausted(epoch=1),
    Paired(epoch=1, seq=1, phone_number="1"),
    Opened(epoch=1, seq=1, phone_number="1"),
    Closed(epoch=1, seq=1, reason=LOST),
    LoggedOut(epoch=1, seq=1, reason=LOST),
    Snapshot(epoch=1, phase="reconnecting"),
    Ended(state="EXITED"),
    Ended(state="BACKOFF"),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_a_code_does_not_outlive_what_moved_its_session(event: Event) -> None:
    waiting = after(session(), issued(), NOW)
    assert after(waiting, event, NOW).qr is None  # type: ignore[arg-type]


@given(st.sampled_from(Status), st.sampled_from(Happening))
def test_only_a_code_leads_to_a_code_being_shown(status: Status, happening: Happening) -> None:
    follows = states.after(status, happening)
    if follows is Status.QR_WAITING and status is not Status.QR_WAITING:
        assert happening in (Happening.QR_ISSUED, Happening.QRS_EXHAUSTED)


def awaiting(*, epoch: int = 1) -> Session:
    return after(session(Status.QR_WAITING, epoch=epoch), PairingCodeAwaited(epoch=epoch, until=545.0), NOW)


def test_a_pairing_code_that_is_left_alone_is_the_reason_why_there_is_no_qr_code() -> None:
    waiting = awaiting()
    assert (waiting.status, waiting.qr) == (Status.QR_WAITING, None)
    assert waiting.reason is not None
    assert waiting.reason.code == "pairing-code-awaited"
    assert "until 1970-01-01T00:17:25.000Z" in waiting.reason.detail


def test_a_snapshot_that_says_the_same_again_changes_nothing() -> None:
    waiting = awaiting()
    later = NOW._replace(wall=NOW.wall + 3, boot=NOW.boot + 0.001)
    assert after(waiting, Snapshot(epoch=1, phase="pairing_code", pairing_code_until=545.0), later) is waiting


@pytest.mark.parametrize(
    "event",
    [
        QrsExhausted(epoch=1),
        Ended(state="EXITED"),
        Ended(state="BACKOFF"),
        Snapshot(epoch=2, phase="connecting"),
        issued(epoch=2),
        Paired(epoch=1, seq=1, phone_number="1555"),
    ],
    ids=lambda event: type(event).__name__,
)
def test_a_pairing_code_is_no_reason_any_more_once_its_socket_is_gone(event: AnyEvent) -> None:
    assert not awaits_pairing_code(after(awaiting(), event, NOW))


def test_a_phone_that_could_not_link_does_not_hide_that_a_pairing_code_is_left() -> None:
    waiting = awaiting()
    refused = ScanRefused(epoch=1, reason=Reason("multidevice-mismatch", "as the test wants it"))
    assert after(waiting, refused, NOW) is waiting


def test_a_code_with_a_new_secret_keeps_its_time_whatever_the_clocks_say() -> None:
    shown = after(session(), issued(), NOW)
    later = NOW._replace(wall=NOW.wall + 20_000, boot=NOW.boot + 25)
    renewed = after(
        shown, QrIssued(epoch=1, ordinal=1, payload="new", issued_at=499.009, lifetime=60.0), later
    )
    assert renewed.qr is not None
    assert shown.qr is not None
    assert renewed.qr == replace(shown.qr, payload="new")


def test_the_next_code_has_a_time_of_its_own() -> None:
    shown = after(session(), issued(), NOW)
    later = NOW._replace(wall=NOW.wall + 60_000, boot=NOW.boot + 60)
    following = after(shown, QrIssued(epoch=1, ordinal=2, payload="b", issued_at=559.0, lifetime=20.0), later)
    assert following.qr is not None
    assert following.qr.expires_at == 579.0
