"""What everybody in a chaos has at hand."""

from typing import NamedTuple

from tests.chaos.absence import Absence
from tests.chaos.confidences import Confidences
from tests.chaos.reaper import Reaper
from tests.end_to_end.motte import Motte
from tests.end_to_end.whatsapp import Phones
from tests.soak.asking import Asker
from tests.soak.tally import Tally


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
