"""Records that tests begin with, and strategies that make any."""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from store.ports.store import Store
from store.ports.unit_of_work import UnitOfWork
from store.records.messages import Message
from store.records.reason import Reason
from store.records.sessions import Qr, Session, Status
from store.sqlite import schema

QR = Qr(
    payload="https://wa.me/settings/linked_devices#2@secret",
    ordinal=1,
    epoch=3,
    issued_at=1000.25,
    expires_at=1060.25,
    shown_expires_at=1_779_710_460_250,
    boot_id="boot-1",
)

#: What SQLite keeps in an INTEGER.
INTEGERS = st.integers(min_value=0, max_value=2**63 - 1)
SECONDS = st.floats(min_value=0, max_value=1e9)
#: Lone surrogates are no text: neither JSON nor SQLite has them.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))

QRS = st.builds(
    Qr,
    payload=TEXTS,
    ordinal=INTEGERS,
    epoch=INTEGERS,
    issued_at=SECONDS,
    expires_at=SECONDS,
    shown_expires_at=INTEGERS,
    boot_id=TEXTS,
)


def session(session_id: str = "shop", *, created_at: int = 1, **others: Any) -> Session:
    """A session as a create makes it, but for `others`."""
    made = Session(id=session_id, status=Status.STARTING, created_at=created_at, updated_at=created_at)
    return replace(made, **others)


def any_session(session_id: str) -> st.SearchStrategy[Session]:
    """Every session of that id that there can be."""
    return st.builds(
        Session,
        id=st.just(session_id),
        name=st.none() | TEXTS,
        device_name=st.none() | TEXTS,
        proxy=st.none() | TEXTS,
        status=st.sampled_from(Status),
        reason=st.none() | st.builds(Reason, TEXTS, TEXTS),
        qr=st.none() | QRS,
        phone_number=st.none() | TEXTS,
        account=st.none() | TEXTS,
        push_name=st.none() | TEXTS,
        epoch=INTEGERS,
        have=INTEGERS,
        node=TEXTS,
        created_at=INTEGERS,
        updated_at=INTEGERS,
        connected_at=st.none() | INTEGERS,
    )


async def change(
    store: Store,
    fn: Callable[[Session], Session],
    *messages: Message,
    session_id: str = "shop",
    token: int = 1,
) -> tuple[Session, Session] | None:
    """The session before and after `fn`, in a transaction that stores the messages too; None without one.

    token: as `add` gave it; that of `session()` is 1.
    """

    def work(unit: UnitOfWork) -> tuple[Session, Session] | None:
        before = unit.session
        if before is None:
            return None
        unit.put(after := fn(before))
        for message in messages:
            unit.add_message(message)
        return before, after

    return await store.transact(session_id, work, token=token)


@contextmanager
def older_database(path: Path, without: str) -> Generator[sqlite3.Connection]:
    """Make a database with the session `shop`, as it was before the migration `without`."""
    version = next(n for n, file in enumerate(schema.MIGRATIONS) if file.name == without)
    with closing(sqlite3.connect(path)) as connection:
        for file in schema.MIGRATIONS[:version]:
            connection.executescript(file.read_text())
        connection.execute(f"PRAGMA user_version = {version}")
        connection.execute(
            "INSERT INTO sessions (id, status, created_at, updated_at, node, epoch, have, token) "
            "VALUES ('shop', 'stopped', 1, 1, 'local', 0, 0, 1)"
        )
        yield connection
        connection.commit()
