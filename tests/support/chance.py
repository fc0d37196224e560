"""Chance that can be repeated."""

import os
import random
import time


def seeded() -> random.Random:
    """Returns chance that begins with the variable SEED, or anywhere. A test that fails shows the seed."""
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    print("seed", seed)  # noqa: T201 - shown where the test has failed
    return random.Random(seed)  # noqa: S311 - no secret
