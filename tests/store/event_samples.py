"""Events that tests of the log add to it."""

from store.ports.store import Store
from store.ports.unit_of_work import UnitOfWork
from store.records.events import NewEvent

DAY = 86_400_000

YEAR = 366 * DAY


def happened(data: str = "{}", *, kind: str = "message.received", at: int = 1) -> NewEvent:
    return NewEvent(type=kind, at=at, data=data)


async def log(store: Store, session_id: str, *events: NewEvent) -> None:
    """Adds events in one transaction of their session."""

    def work(unit: UnitOfWork) -> None:
        for event in events:
            unit.add_event(event)

    await store.transact(session_id, work, token=1)
