"""The queue of requests from one front to another."""

from store.records.request_queue import QueuedRequest
from store.sqlite.database import Database
from store.sqlite.store import SqliteStore


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
