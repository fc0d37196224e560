"""The command that hands a message to a connector."""

import msgspec
import pytest

from server.outbound.commands import send_command
from server.protocol.commands import Send
from store.records.outbox import QueuedMessage, SendTerms
from tests.server.outbound.test_progress import QUEUED

TERMS = SendTerms(until=1060.0, until_wall=1_060_000, boot_id="boot-1")


@pytest.mark.parametrize(("until", "written"), [(1060.5, 1060.5), (-172_800.0, 0.0)])
def test_a_command_names_the_end_of_its_time_and_none_before_the_host_was_started(
    until: float, written: float
) -> None:
    """A connector reads no moment before its boot clock began: it would refuse the message."""
    command = send_command(QueuedMessage(message=QUEUED, terms=TERMS, handed=True), again=True, until=until)
    assert msgspec.json.decode(command.line(), type=Send).until == written


@pytest.mark.parametrize(("is_overdue", "on_doubt"), [(False, "resend"), (True, "fail")])
def test_a_connector_that_knows_no_deadlines_sends_nothing_twice_that_is_late(
    is_overdue: bool, on_doubt: str
) -> None:
    queued = QueuedMessage(message=QUEUED, terms=TERMS, handed=True)
    command = send_command(queued, again=True, until=1060.0, is_overdue=is_overdue)
    assert command.on_doubt == on_doubt
