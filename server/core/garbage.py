"""Python's garbage collector, which a start does without."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def no_collection() -> Iterator[None]:
    """Does not collect garbage during the block, which imports modules.

    They stay for ever. The collector would look at all their objects again and again, which is a fifth of the
    time of imports.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
