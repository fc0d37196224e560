"""How long a caller waits for the first code."""

import sys
from statistics import median
from time import perf_counter

from tests.end_to_end.motte import Motte


async def test_a_create_takes_less_than_a_second(motte: Motte) -> None:
    spans = []
    for number in range(10):
        begun = perf_counter()
        await motte.create(f"shop-{number}")
        spans.append(perf_counter() - begun)
        await motte.delete(f"shop-{number}")
    sys.stdout.write(f"create: {', '.join(f'{span:.3f}' for span in sorted(spans))} s\n")
    assert median(spans) < 1.0
