"""What the front and the process that delivers say to each other: a line of JSON, or a word, each."""

from enum import StrEnum
from typing import Protocol

import msgspec

from server.core.settings.model import LogFormat
from server.webhooks.schedule import Attempt

#: Tries and delays that a report holds. Those beyond are not counted: the front has read nothing for long.
MAX_COUNTS = 10_000

#: Bytes of a line, of whichever side: a report is far shorter.
MAX_LINE_BYTES = 2**20

#: What the front writes after its commits: events were added to the log, a caller has changed a webhook.
EVENTS = b"events\n"
WEBHOOKS = b"webhooks\n"


class Setup(msgspec.Struct, frozen=True, kw_only=True):
    """The front's first line. The state folder is that of MOTTE_STATE."""

    #: The front's process, with which this one ends.
    front: int
    #: Motte's version. Another one may use another schema.
    version: str
    #: Whether webhooks may have private addresses, and those of this host.
    allow_private: bool
    allow_loopback: bool
    #: Whether the process gives up the rights that it does not need.
    is_confined: bool
    log_format: LogFormat


class Outcome(StrEnum):
    """How a try went."""

    DELIVERED = "delivered"
    REFUSED = "refused"
    FAILED = "failed"

    @classmethod
    def of(cls, attempt: Attempt) -> "Outcome":
        if attempt.is_delivered:
            return cls.DELIVERED
        return cls.REFUSED if attempt.is_refusal else cls.FAILED


class Counts(Protocol):
    """What a deliverer counts. Each method is called by the code that it counts."""

    def tried(self, outcome: Outcome, seconds: float) -> None:
        """Called after each try. seconds: how long it took."""

    def delivered(self, lag: float) -> None:
        """Called after each delivery. lag: seconds since the event."""

    def died(self, number: int = 1) -> None:
        """Called when events were given up."""

    def missed(self, number: int = 1) -> None:
        """Called when the log has removed events before a webhook got them."""

    def show_dead(self, number: int) -> None:
        """Called now and then. number: dead letters of all webhooks."""

    def show_failing(self, seconds: float) -> None:
        """Called once a second. seconds: since the webhook that fails for longest began to."""

    def show_webhooks(self, *, active: int, failing: int) -> None:
        """Called when it may have changed."""


class Report(msgspec.Struct, omit_defaults=True):
    """What was counted since the report before."""

    tries: list[tuple[Outcome, float]] = []
    lags: list[float] = []
    died: int = 0
    missed: int = 0
    #: The last values; None: they were not shown.
    dead: int | None = None
    failing: float | None = None
    webhooks: tuple[int, int] | None = None

    def count(self, counts: Counts) -> None:
        """Passes all of it on."""
        for outcome, seconds in self.tries:
            counts.tried(outcome, seconds)
        for lag in self.lags:
            counts.delivered(lag)
        counts.died(self.died)
        counts.missed(self.missed)
        if self.dead is not None:
            counts.show_dead(self.dead)
        if self.failing is not None:
            counts.show_failing(self.failing)
        if self.webhooks is not None:
            active, failing = self.webhooks
            counts.show_webhooks(active=active, failing=failing)


class Tally:
    """Gathers what a deliverer counts, for the next report."""

    def __init__(self) -> None:
        self._report = Report()

    def take(self) -> Report:
        """Returns what was counted since the last call."""
        report, self._report = self._report, Report()
        return report

    def tried(self, outcome: Outcome, seconds: float) -> None:
        if len(self._report.tries) < MAX_COUNTS:
            self._report.tries.append((outcome, round(seconds, 4)))

    def delivered(self, lag: float) -> None:
        if len(self._report.lags) < MAX_COUNTS:
            self._report.lags.append(round(lag, 3))

    def died(self, number: int = 1) -> None:
        self._report.died += number

    def missed(self, number: int = 1) -> None:
        self._report.missed += number

    def show_dead(self, number: int) -> None:
        self._report.dead = number

    def show_failing(self, seconds: float) -> None:
        self._report.failing = seconds

    def show_webhooks(self, *, active: int, failing: int) -> None:
        self._report.webhooks = (active, failing)
