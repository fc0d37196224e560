"""Intervals of look-ups and trials."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Intervals in seconds."""

    #: Minimum between two look-ups.
    least: float = 600.0
    #: Between two look-ups if nothing is wrong.
    usual: float = 21_600.0
    #: Longest pause after failures in a row, while the version in use is refused.
    longest_while_refused: float = 3_600.0
    #: Duration of a trial. A link that is opened later than that tries no version.
    trial: float = 20.0
    #: Until a version is tried again whose trial had no result, while another one is accepted.
    after_open_trial: float = 600.0
    #: So long before its login a session gets the version that it announces.
    before_login: float = 5.0
    #: Between two connectors that get a version. Refused ones log in as soon as they have it.
    between_connectors: float = 0.02

    def pause(self, failures: int, *, is_wanted: bool) -> float:
        """Returns the seconds from the last look-up to the next one.

        failures: failed look-ups in a row. is_wanted: whether the version in use is refused.
        """
        if not failures:
            return self.least if is_wanted else self.usual
        grown = self.least * 2.0 ** min(failures - 1, 16)
        return min(grown, self.longest_while_refused if is_wanted else self.usual)


#: Used by every front. Tests replace it.
PACE = Pace()
