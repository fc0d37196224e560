"""Webhooks may name every type of the event log, and codes."""

from server.events.types import PASSING, EventType
from server.webhooks.types import WebhookType


def test_a_webhook_may_name_every_type_that_is_logged_and_codes() -> None:
    assert {*WebhookType} == {*EventType} - PASSING | {EventType.SESSION_QR}
