"""What a webhook keeps in memory."""

import tracemalloc

from server.webhooks.target import Target
from store.records.webhooks import Webhook

LANES = 5000

#: Bytes. A thousand webhooks of a hundred sessions have a hundred thousand lanes.
LANE_BYTES = 400


def test_a_lane_without_work_takes_less_than_400_bytes() -> None:
    sessions = [str(number) for number in range(LANES)]
    made = Target(Webhook(id="a", url="", secret="", give_up_after=1, created_at=1), (), ())
    tracemalloc.start()
    try:
        for session_id in sessions:
            made.lane(session_id)
        taken, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert taken / LANES < LANE_BYTES
