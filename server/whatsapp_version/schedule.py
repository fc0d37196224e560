"""When the site is asked for its version."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Spans in seconds."""

    #: Between two look-ups at least.
    least: float = 600.0
    #: Between two look-ups while nothing is wrong.
    usual: float = 21_600.0
    #: Longest pause after failures in a row while the version in use is refused.
    longest_while_refused: float = 3_600.0
    #: That a link has to show whether WhatsApp accepts the version that it tries. One that is opened later
    #: than that tries none.
    trial: float = 20.0
    #: Until a version is tried again whose trial showed nothing, while another one is accepted.
    after_open_trial: float = 600.0
    #: Before a session logs in by itself: then it is told which version to announce.
    before_login: float = 5.0
    #: Between two connectors that get a version: refused ones log in as soon as they have it.
    between_connectors: float = 0.02

    def pause(self, failures: int, *, is_wanted: bool) -> float:
        """Seconds from the last look-up to the next one.

        failures: look-ups in a row that failed. is_wanted: the version in use is refused.
        """
        if not failures:
            return self.least if is_wanted else self.usual
        grown = self.least * 2.0 ** min(failures - 1, 16)
        return min(grown, self.longest_while_refused if is_wanted else self.usual)


#: Of every front. Tests replace it.
PACE = Pace()
