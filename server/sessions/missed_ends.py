"""Finds the ends of processes that no notice has told: supervisord drops one if no front reads the pipe."""

from dataclasses import replace

from server.connectors.supervisor_client import Program
from server.domain.connector_exits import CRASHED, DEAF
from server.domain.transitions import Now, after
from server.protocol.events.process import Ended
from store.records.reason import Reason
from store.records.sessions import Session


def has_process(program: Program | None) -> bool:
    """Whether a connector runs, or supervisord will start it by itself."""
    return program is not None and (program.pid is not None or program.retry_in is not None)


def missed_end(session: Session, program: Program | None, now: Now) -> Ended | None:
    """The notice that the row of a session lacks; None if it agrees with what supervisord lists.

    program: None if it is not listed, because it is asleep.
    """
    ended = _ended(program)
    if ended is None or _told(after(session, ended, now)) == _told(session):
        return None
    return ended


def _ended(program: Program | None) -> Ended | None:
    """How the process ended; None if it runs."""
    if program is None:
        return Ended(state="EXITED")
    if program.pid is not None or (program.state == "EXITED" and program.retry_in is not None):
        return None
    code = program.exit
    return Ended(
        state=program.state,
        exit=code if code is not None and code >= 0 else None,
        signal=-code if code is not None and code < 0 else None,
        tries=program.tries,
        retry_in=program.retry_in,
        # A program that the front stopped is not listed.
        by_hand=program.state == "STOPPED",
    )


def _told(session: Session) -> Session:
    """What a notice changes in a row. The text of a reason names a moment, and supervisord no deafness."""
    reason = session.reason
    if reason is not None:
        reason = Reason(CRASHED if reason.code == DEAF else reason.code, "")
    return replace(session, reason=reason, updated_at=0)
