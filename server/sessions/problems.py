"""Reports why sessions got no code, to those who follow them."""

from server.core.errors import MotteError, NoSuchSession, ShuttingDown
from server.core.single_flight import FlightOutcome
from server.documents.problem import problem_document
from server.events.passing import PassingEvents
from server.events.types import EventType
from server.observability.request_id import instance
from store.records.sessions import Session


class ProblemReports:
    """The status of a session does not change with each refresh that brings no code."""

    def __init__(self, passing: PassingEvents, *, public_url: str | None) -> None:
        """public_url: the setting MOTTE_PUBLIC_URL."""
        self._passing = passing
        self._public_url = public_url

    def note(self, outcome: FlightOutcome[Session]) -> None:
        """Called when a refresh has ended."""
        error = outcome.error
        if isinstance(error, MotteError) and not isinstance(error, NoSuchSession | ShuttingDown):
            document = problem_document(error, instance=instance(), expiry=None, public_url=self._public_url)
            self._passing.publish(EventType.SESSION_PROBLEM, outcome.key, document)
