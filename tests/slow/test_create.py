"""Creates: how long a caller waits for the first code, and that an id can be used again and again."""

import sys
from statistics import median
from time import perf_counter

from tests.end_to_end.test_deletes import create_and_delete
from tests.support.motte import Motte


async def test_a_create_takes_less_than_a_second(motte: Motte) -> None:
    spans = []
    for number in range(10):
        begun = perf_counter()
        await motte.create(f"shop-{number}")
        spans.append(perf_counter() - begun)
        await motte.delete(f"shop-{number}")
    sys.stdout.write(f"create: {', '.join(f'{span:.3f}' for span in sorted(spans))} s\n")
    assert median(spans) < 1.0


async def test_an_id_can_be_created_and_deleted_a_hundred_times(motte: Motte) -> None:
    await create_and_delete(motte, times=100)
    assert await motte.programs() == {}
