"""Webhooks may name every type of the event log, and those that pass."""

from server.events.types import PASSING, EventType
from server.webhooks.types import ONCE, WebhookType


def test_a_webhook_may_name_every_type_that_is_logged_and_those_that_are_sent_once() -> None:
    assert {*WebhookType} == {*EventType} - PASSING | ONCE
    assert ONCE < PASSING
