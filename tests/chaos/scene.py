"""What everybody in a chaos has at hand."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from random import Random
from secrets import token_hex
from typing import NamedTuple

from tests.chaos.absence import Absence
from tests.chaos.confidences import Confidences
from tests.chaos.reaper import Reaper
from tests.soak.asking import Asker
from tests.soak.tally import Tally
from tests.support.motte import Motte
from tests.support.phones import Phones


class Scene(NamedTuple):
    """One Motte, and who looks after it."""

    motte: Motte
    tally: Tally
    asker: Asker
    absence: Absence
    reaper: Reaper
    confidences: Confidences

    @property
    def phones(self) -> Phones:
        return self.motte.phones


@asynccontextmanager
async def opened(whole: Motte, tally: Tally, *, seed: int) -> AsyncGenerator[Scene]:
    """Everybody has what they need, and supervisord is looked after.

    The connections to the front end with it: what the front holds on to then is its own.
    """
    async with Motte.opened(whole.serve, whole.phones) as motte, asyncio.TaskGroup() as tasks:
        absence = Absence(motte, tally)
        reaper = Reaper(motte, tally, absence, random=Random(f"{seed} reaper"))  # noqa: S311  # no secrets
        asker = Asker(motte, tally, is_excused=absence.excuses)
        confidences = Confidences(motte.folder, tally, mark=f"told-in-confidence-{token_hex(8)}")
        watches = [tasks.create_task(work) for work in (absence.watch(), reaper.keep_supervisord())]
        yield Scene(motte, tally, asker, absence, reaper, confidences)
        for watch in watches:
            watch.cancel()
