"""Webhooks on SQLite: the tables `webhooks`, `lanes`, `dead` and `tries`."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from store.errors import TooManyWebhooks
from store.ports.webhooks import WebhookStore
from store.records.webhooks import DeadLetter, Lane, ListedDeadLetter, Progress, Try, Webhook
from store.sqlite.database import Database
from store.sqlite.unchanged import Unchanged
from store.sqlite.webhook_lanes import first_missing, newest, read_lanes
from store.sqlite.webhook_lists import first_dead, read_dead, read_tries
from store.sqlite.webhook_names import begins_of, forget_others
from store.sqlite.webhook_progress import keep
from store.sqlite.webhook_replays import read_replays, replay, try_again
from store.sqlite.webhook_rows import (
    insert_webhook,
    read_versions,
    read_webhook,
    read_webhooks,
    update_webhook,
)
from store.sqlite.webhook_sweep import (
    end_some_replays,
    find_gone_lanes,
    find_gone_letters,
    remove_lanes,
    remove_letters,
    remove_revived,
    remove_some_letters,
    request_some_replays,
)


class SqliteWebhookStore(WebhookStore):
    """A list of words is one text, with spaces between them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._versions = Unchanged(database, read_versions)

    async def add(self, webhook: Webhook, *, most: int) -> Webhook:
        def add(connection: sqlite3.Connection) -> Webhook:
            (there,) = connection.execute("SELECT COUNT(*) FROM webhooks").fetchone()
            if there >= most:
                raise TooManyWebhooks
            (first,) = connection.execute("SELECT last FROM event_log").fetchone()
            begins = begins_of(connection, webhook.sessions, {})
            stored = replace(webhook, first=first, begins=begins)
            insert_webhook(connection, stored)
            return stored

        return await self._database.write(add)

    async def get(self, webhook_id: str) -> Webhook | None:
        return await self._database.read(lambda connection: read_webhook(connection, webhook_id))

    async def all(self) -> list[Webhook]:
        return await self._database.read(read_webhooks)

    async def versions(self) -> dict[str, int]:
        return dict(await self._versions.get())

    async def change(self, webhook_id: str, change: Callable[[Webhook], Webhook]) -> Webhook | None:
        def write(connection: sqlite3.Connection) -> tuple[bool, Webhook | None]:
            """Returns False if there may be more to forget first."""
            found = read_webhook(connection, webhook_id)
            if found is None:
                return True, None
            changed = change(found)
            begins = begins_of(connection, changed.sessions, found.begins)
            changed = replace(changed, begins=begins, version=found.version + 1)
            if not forget_others(connection, changed, found.sessions):
                return False, None
            update_webhook(connection, changed)
            if changed.may_take_more_than(found):
                try_again(connection, changed)
            return True, changed

        is_done = False
        changed: Webhook | None = None
        while not is_done:
            is_done, changed = await self._database.write(write)
        return changed

    async def delete(self, webhook_id: str, *, only_if: Callable[[Webhook], bool] = lambda _: True) -> bool:
        def delete(connection: sqlite3.Connection) -> bool | None:
            """Returns None if it has more dead letters: there may be 200,000 of each session."""
            found = read_webhook(connection, webhook_id)
            if found is None or not only_if(found):
                return False
            if remove_some_letters(connection, webhook_id):
                return None
            connection.execute("DELETE FROM webhooks WHERE id = :id", {"id": webhook_id})
            return True

        is_deleted: bool | None = None
        while is_deleted is None:
            is_deleted = await self._database.write(delete)
        return is_deleted

    async def disable(self, webhook: Webhook, reason: str) -> bool:
        def write(connection: sqlite3.Connection) -> bool:
            found = connection.execute(
                """
                UPDATE webhooks
                SET disabled = :reason, version = version + 1
                WHERE id = :id AND version = :version
                """,
                {"reason": reason, "id": webhook.id, "version": webhook.version},
            )
            return found.rowcount == 1

        return await self._database.write(write)

    async def show_failing(self, webhook: Webhook, since: int | None, failure: str | None) -> bool:
        def write(connection: sqlite3.Connection) -> bool:
            found = connection.execute(
                """
                UPDATE webhooks
                SET failing_since = :since, failure = :failure, version = version + 1
                WHERE id = :id AND url = :url AND (failing_since IS NULL) <> (CAST(:since AS TEXT) IS NULL)
                """,
                {"since": since, "failure": failure, "id": webhook.id, "url": webhook.url},
            )
            return found.rowcount == 1

        return await self._database.write(write)

    async def lanes(self, webhook_id: str) -> list[Lane]:
        return await self._database.read(partial(read_lanes, webhook_id=webhook_id))

    async def newest(self) -> dict[str, int]:
        return await self._database.read(newest)

    async def held_from(self) -> int | None:
        last = await self.newest()
        held = [
            await self._held_by(webhook, last) for webhook in await self.all() if webhook.disabled is None
        ]
        return min((number for number in held if number is not None), default=None)

    async def _held_by(self, webhook: Webhook, last: dict[str, int]) -> int | None:
        """Each webhook has a read of its own: requests read in between."""

        def read(connection: sqlite3.Connection) -> int | None:
            found = (first_missing(connection, webhook, last), first_dead(connection, webhook.id))
            return min((number for number in found if number is not None), default=None)

        return await self._database.read(read)

    async def keep(self, progress: Progress) -> None:
        await self._database.write(lambda connection: keep(connection, progress))

    async def replay(self, webhook_id: str, *, after: int, now: int) -> None:
        await self._database.write(partial(replay, webhook_id=webhook_id, after=after, now=now))
        last: int | None = after
        while last is not None:
            last = await self._database.write(partial(remove_revived, webhook_id=webhook_id, after=last))

    async def replay_dead(self, webhook_id: str) -> int:
        number = 0
        last: int | None = 0
        while last is not None:
            found, last = await self._database.write(
                partial(request_some_replays, webhook_id=webhook_id, after=last)
            )
            number += found
        return number

    async def replays(self, webhook_id: str, *, limit: int) -> list[DeadLetter]:
        return await self._database.read(lambda connection: read_replays(connection, webhook_id, limit=limit))

    async def end_replays(self, webhook_id: str, *, version: int) -> None:
        after: int | None = 0
        while after is not None:
            after = await self._database.write(
                partial(end_some_replays, webhook_id=webhook_id, version=version, after=after)
            )

    async def dead(self, webhook_id: str, *, after: int, limit: int) -> list[ListedDeadLetter]:
        return await self._database.read(
            lambda connection: read_dead(connection, webhook_id, after=after, limit=limit)
        )

    async def tries(self, webhook_id: str, *, limit: int, failed: bool | None = None) -> list[Try]:
        return await self._database.read(
            lambda connection: read_tries(connection, webhook_id, limit=limit, failed=failed)
        )

    async def waiting(self, webhook_id: str) -> list[Lane]:
        lanes = [lane for lane in await self.lanes(webhook_id) if lane.tries]
        return sorted(lanes, key=lambda lane: (lane.next_at, lane.session_id))

    async def count_dead(self) -> int:
        def read(connection: sqlite3.Connection) -> int:
            return int(connection.execute("SELECT COUNT(*) FROM dead").fetchone()[0])

        return await self._database.read(read)

    async def sweep(self) -> None:
        letter = ("", 0)
        while letters := await self._database.read(partial(find_gone_letters, after=letter)):
            await self._database.write(partial(remove_letters, letters=letters))
            letter = letters[-1]
        place = ("", "")
        while places := await self._database.read(partial(find_gone_lanes, after=place)):
            await self._database.write(partial(remove_lanes, places=places))
            place = places[-1]
