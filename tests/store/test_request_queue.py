"""The queue of requests from one front to another."""

from pathlib import Path

from store.records.request_queue import QueuedRequest
from store.sqlite.database import Database
from store.sqlite.store import SqliteStore, open_store
from tests.store.samples import older_database


async def test_the_number_of_a_request_that_is_gone_is_not_given_again(database: Database) -> None:
    requests = SqliteStore(database).requests
    first = await requests.add("shop", "create", "{}", until=15.0)
    await requests.delete(first)

    second = await requests.add("shop", "refresh", "{}", until=15.0)
    await requests.answer(first, "the answer to the first")

    assert await requests.answered(second) is None


def test_what_a_request_asks_for_is_not_in_its_representation() -> None:
    argument = '{"proxy": "http://ann:secret@127.0.0.1:3128"}'
    queued = QueuedRequest(id=1, session_id="shop", verb="create", argument=argument, until=15.0)
    assert "secret" not in repr(queued)


async def test_a_request_that_an_older_motte_has_queued_is_found(path: Path) -> None:
    with older_database(path, "0028_queued_requests.sql") as connection:
        connection.execute(
            """
            INSERT INTO errands (id, session_id, verb, argument, until, boot_id)
            VALUES (7, 'shop', 'refresh', '{}', 15.0, 'boot-1')
            """
        )

    async with open_store(path, boot_id="boot-1") as store:
        assert [one.id for one in await store.requests.open(14.0)] == [7]
