"""A short chaos of texts that arrive; `make inbound` is a long one."""

import sys

from tests.chaos.inbound import Plan, run
from tests.soak.tally import Tally


async def test_four_webhooks_get_every_text_in_order_through_kills_of_everything() -> None:
    tally = Tally()
    await run(tally, Plan(texts=1200, kills=8, sessions=3, seed=7))
    sys.stdout.write(tally.told())  # shown where the test has failed
    assert tally.is_clean
