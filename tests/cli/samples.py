"""State folders as a Motte leaves them, for commands that run where none does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TypeVar

from server.core.clock import SystemClock
from server.core.paths import StateFolder
from server.sessions.state_machine import NODE
from store.ports.store import Store
from store.records.messages import Message
from store.records.sessions import Session, Status
from store.sqlite.store import SqliteStore, open_store
from tests.store.samples import change
from tests.support.credentials import leave_credentials

Result = TypeVar("Result")

DAY = 86_400_000

#: Made long ago enough for everything.
OLD = SystemClock().wall() - 30 * DAY


def in_store(folder: StateFolder, work: Callable[[SqliteStore], Awaitable[Result]]) -> Result:
    """What `work` does with the store of a state folder, which is made where it is missing."""

    async def run() -> Result:
        async with open_store(folder.database, boot_id=SystemClock().boot_id) as store:
            return await work(store)

    return asyncio.run(run())


def furnish(folder: StateFolder) -> None:
    """An empty state folder."""
    for path in (folder.path, folder.sessions, folder.logs):
        path.mkdir(mode=0o700)
    in_store(folder, lambda store: store.check())


def add(
    folder: StateFolder,
    session_id: str,
    status: Status,
    *,
    phone: str | None = None,
    changed: int = OLD,
    linked: bool = False,
    server: str | None = None,
) -> None:
    """A session with its folder and a log. changed: milliseconds since 1970.

    server: with which it is linked.
    """
    session = Session(id=session_id, status=status, phone_number=phone, created_at=OLD, updated_at=changed)
    in_store(folder, lambda store: store.sessions.add(session))
    furnish_session(folder, session_id, linked=linked, server=server)


def furnish_session(
    folder: StateFolder, session_id: str, *, linked: bool = False, server: str | None = None
) -> None:
    """What a connector leaves in its folder, and a log."""
    place = folder.session(session_id).path
    place.mkdir(mode=0o700)
    leave_credentials(place, linked=linked, server=server)
    (folder.logs / f"connector-{session_id}.log").touch(mode=0o600)


def ids(folder: StateFolder) -> set[str]:
    """The sessions in the store."""
    return {session.id for session in in_store(folder, lambda store: store.sessions.all())}


async def rewrite(
    store: Store, session_id: str, fn: Callable[[Session], Session], *messages: Message
) -> None:
    """Change a session, as a front that takes it over."""
    tokens = await store.sessions.take_over(NODE)
    await change(store, fn, *messages, session_id=session_id, token=tokens[session_id])


def receive(folder: StateFolder, session_id: str, text: str) -> None:
    """A message in the store, as a front stores it."""
    message = Message(
        id=text, chat="c", sender="c", from_me=False, sent_at=1, received_at=1, kind="text", text=text
    )

    async def store_it(store: SqliteStore) -> None:
        await rewrite(store, session_id, lambda before: replace(before, have=before.have + 1), message)

    in_store(folder, store_it)


def messages(folder: StateFolder, session_id: str) -> list[str | None]:
    """The texts in the store."""
    page = in_store(folder, lambda store: store.messages.page(session_id, after=0, limit=200))
    return [message.text for message in page]
