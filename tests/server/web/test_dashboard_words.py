"""Words of the dashboard, held against what the API has."""

import re

from server.web.templates import FOLDER
from server.webhooks.types import WebhookType
from store.records.messages import MessageStatus


def test_every_status_of_a_message_has_a_word() -> None:
    table = _after("message_words.js", "const STATES = {", "}")
    assert set(re.findall(r"(\w+):", table)) == {status.value for status in MessageStatus}


def test_every_type_that_a_webhook_may_name_can_be_chosen() -> None:
    names = re.findall(r'"([a-z.]+)"', _after("webhook_words.js", "const TYPES = [", "]"))
    assert sorted(names) == sorted(kind.value for kind in WebhookType)


def _after(file: str, beginning: str, end: str) -> str:
    """The text of a script between two marks."""
    return (FOLDER / file).read_text().partition(beginning)[2].partition(end)[0]
