"""Errands: what one front asks of another."""

from store.database import Database
from store.errands import Errands


async def test_the_number_of_an_errand_that_is_gone_is_not_given_again(database: Database) -> None:
    errands = Errands(database)
    first = await errands.add("shop", "create", "{}", until=15.0)
    await errands.delete(first)

    second = await errands.add("shop", "refresh", "{}", until=15.0)
    await errands.answer(first, "the answer to the first")

    assert await errands.answered(second) is None
