"""The end of an account: what it has not sent is sent by no other one."""

from server.domain.transitions import Now
from server.outbound import reasons
from server.outbound.status_changes import fail
from store.ports.unit_of_work import UnitOfWork
from store.records.sessions import Session, Status


def end_account(unit: UnitOfWork, before: Session, after: Session, now: Now) -> None:
    """Fails what waits, and forgets what is owed, if the session loses its account in this transaction."""
    is_over = after.status is Status.LOGGED_OUT and before.status is not Status.LOGGED_OUT
    is_forgotten = before.phone_number is not None and after.phone_number is None
    if not is_over and not is_forgotten:
        return
    for queued in unit.outbox.all():
        reason = reasons.LOGGED_OUT_IN_DOUBT if queued.handed else reasons.LOGGED_OUT
        fail(unit, queued.message, reason, now=now.wall)
    unit.read_marks.forget()
    if is_forgotten:
        unit.contacts.forget()
