"""Where connectors load."""

import os

from server.connectors.start_limiter import cores


def test_there_is_a_place_for_each_core_that_may_be_used_and_not_for_each_that_there_is() -> None:
    allowed = os.sched_getaffinity(0)
    try:
        os.sched_setaffinity(0, {min(allowed)})
        assert cores() == 1
    finally:
        os.sched_setaffinity(0, allowed)
    assert cores() == len(allowed)
