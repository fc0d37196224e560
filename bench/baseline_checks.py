"""Whether baselines are as good as they were when the goals were set: ratios to a slow one say nothing.

They were measured next to a bare script that imports Baileys and prints its first QR code. A machine that is
half as fast is so for both.
"""

from dataclasses import dataclass
from typing import Final

#: Fastest and slowest figure when the goals were set, in milliseconds: a bare script until its first code.
BARE: Final = (340.0, 416.0)

#: The same of each baseline.
FIRST: Final = {
    "in-process create": (27.0, 42.0),
    "20 in-process creates": (440.0, 590.0),
    "50 in-process creates": (1300.0, 1300.0),
    "in-process kill": (1000.0, 1000.0),
    "in-process restart of 30": (1000.0, 1200.0),
    # 19,000 to 25,000 requests a second.
    "request to aiohttp": (1000 / 25_000, 1000 / 19_000),
}

#: MiB (PSS) of a bare script that shows a code. It does not depend on the machine's speed.
BARE_MEMORY: Final = 64.0

#: What may be added to the first figures.
SLACK: Final = 1.2


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineCheck:
    """One baseline in this run."""

    name: str
    #: What it took, divided by what a bare script took in the same run; of memory, by BARE_MEMORY.
    ratio: float
    #: The ratio at which the baseline is 20 % worse than when the goals were set.
    most: float

    @property
    def met(self) -> bool:
        """Whether the baseline is good enough."""
        return self.ratio <= self.most


def check_speed(name: str, milliseconds: float, *, bare: float) -> BaselineCheck:
    """Returns the check of a baseline of FIRST. bare: milliseconds of a bare script in the same run."""
    first = max(took / script for took, script in zip(FIRST[name], BARE, strict=True))
    return BaselineCheck(name=name, ratio=milliseconds / bare, most=SLACK * first)


def check_memory(mebibytes: float) -> BaselineCheck:
    """Returns the check of a bare script's memory."""
    return BaselineCheck(name="memory of a bare script", ratio=mebibytes / BARE_MEMORY, most=SLACK)
