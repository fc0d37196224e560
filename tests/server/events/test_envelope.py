"""The form of an event."""

import json

from server.events.envelope import envelope
from store.records.events import Event

EVENT = Event(
    number=4711,
    id="evt_2f4b8c1d90a3e6f58d0c",
    cursor="WzQ3MTFdWzQ3MTFdWzQ3MQ",
    session_id="shop",
    type="message.received",
    at=1_779_710_460_412,
    data='{"text":"Grüße 👍"}',
)


def test_an_event_is_one_line_of_json_with_all_keys_in_their_order() -> None:
    written = envelope(EVENT)

    assert written.decode() == (
        '{"id":"evt_2f4b8c1d90a3e6f58d0c","type":"message.received","timestamp":"2026-05-25T12:01:00.412Z",'
        '"sessionId":"shop","cursor":"WzQ3MTFdWzQ3MTFdWzQ3MQ","version":1,"data":{"text":"Grüße 👍"}}'
    )
    assert json.loads(written)["data"] == {"text": "Grüße 👍"}


def test_the_number_of_an_event_is_not_in_it() -> None:
    assert b"4711" not in envelope(EVENT)
