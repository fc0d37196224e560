"""Which ends of processes a row lacks."""

from dataclasses import replace

import pytest

from server.connectors.supervisor_client import Program
from server.domain.connector_exits import CRASHED, DEAF
from server.domain.transitions import Now, after
from server.protocol import reasons
from server.protocol.events.process import Ended
from server.sessions.missed_ends import has_process, missed_end
from store.records.sessions import Qr, Session, Status

NOW = Now(wall=1_779_710_400_000, boot=1000.0, boot_id="boot-1")
QR = Qr(payload="p", ordinal=1, epoch=1, issued_at=990, expires_at=1050, shown_expires_at=0, boot_id="boot-1")

RUNNING = Program("shop", "RUNNING", 4711, None, 0, None)
EXCHANGED = Program("shop", "EXITED", None, 75, 0, 0.0)
CRASHING = Program("shop", "BACKOFF", None, -9, 2, 3.0)
GIVEN_UP = Program("shop", "FATAL", None, 1, 5, None)
BY_HAND = Program("shop", "STOPPED", None, None, 0, None)


def session(status: Status, **fields: object) -> Session:
    row = Session(id="shop", status=status, created_at=1, updated_at=1, epoch=1)
    return replace(row, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("program", [RUNNING, EXCHANGED, Program("shop", "STOPPING", 4711, None, 0, None)])
def test_a_process_that_runs_or_comes_back_at_once_has_no_end(status: Status, program: Program) -> None:
    assert has_process(program)
    assert missed_end(session(status, qr=QR), program, NOW) is None


@pytest.mark.parametrize(
    ("row", "program", "state"),
    [
        (session(Status.CONNECTED), None, "EXITED"),
        (session(Status.CONNECTED), Program("shop", "EXITED", None, 0, 0, None), "EXITED"),
        (session(Status.QR_WAITING, qr=QR), None, "EXITED"),
        (session(Status.CONNECTED), CRASHING, "BACKOFF"),
        (session(Status.PAIRING), CRASHING, "BACKOFF"),
        (session(Status.QR_WAITING, qr=QR), CRASHING, "BACKOFF"),
        (session(Status.CONNECTED), GIVEN_UP, "FATAL"),
        (session(Status.STARTING), GIVEN_UP, "FATAL"),
        (session(Status.CONNECTED), BY_HAND, "STOPPED"),
        (session(Status.STARTING), BY_HAND, "STOPPED"),
        (session(Status.FAILED), BY_HAND, "STOPPED"),
    ],
)
def test_a_row_that_a_notice_would_change_lacks_it(row: Session, program: Program, state: str) -> None:
    missed = missed_end(row, program, NOW)
    assert missed is not None
    assert (missed.state, missed.by_hand) == (state, state == "STOPPED")


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("program", [None, CRASHING, GIVEN_UP, BY_HAND])
def test_a_row_that_has_taken_a_notice_in_lacks_nothing_more(status: Status, program: Program | None) -> None:
    row = session(status, qr=QR if status is Status.QR_WAITING else None)
    missed = missed_end(row, program, NOW)
    told = row if missed is None else after(row, missed, NOW)
    later = NOW._replace(wall=NOW.wall + 30_000, boot=NOW.boot + 30)
    assert missed_end(told, program, later) is None


@pytest.mark.parametrize("status", [Status.DISCONNECTED, Status.STARTING, Status.STOPPED, Status.LOGGED_OUT])
def test_a_session_that_sleeps_lacks_nothing(status: Status) -> None:
    assert missed_end(session(status, reason=reasons.reason("connection-lost")), None, NOW) is None


def test_a_process_that_was_killed_for_its_silence_has_not_crashed_once_more() -> None:
    row = after(session(Status.CONNECTED), Ended(state="BACKOFF", deaf=True, tries=1, retry_in=1.0), NOW)
    assert row.reason is not None
    assert row.reason.code == DEAF != CRASHED
    assert missed_end(row, CRASHING, NOW) is None


def test_a_signal_is_told_from_an_exit_code() -> None:
    killed = missed_end(session(Status.CONNECTED), CRASHING, NOW)
    exited = missed_end(session(Status.CONNECTED), GIVEN_UP, NOW)
    assert killed is not None
    assert (killed.exit, killed.signal, killed.retry_in) == (None, 9, 3.0)
    assert exited is not None
    assert (exited.exit, exited.signal, exited.tries) == (1, None, 5)
