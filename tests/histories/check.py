"""Finds any loss, double or disorder in a history."""

from tests.histories.events import check_events
from tests.histories.findings import Finding
from tests.histories.history import History
from tests.histories.inbound import check_inbound
from tests.histories.outbound import check_outbound


def check(history: History) -> list[Finding]:
    """Everything that is wrong with it; empty if nothing is.

    Raises ValueError if two keys ask for one text: then a double could not be seen.
    """
    return [*check_outbound(history), *check_inbound(history), *check_events(history)]
