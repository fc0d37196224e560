"""What everybody in a chaos has at hand."""

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
