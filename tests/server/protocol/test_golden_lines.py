"""The golden lines of the pipe protocol, as Python reads and writes them."""

import json
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.protocol import commands
from server.protocol.events.lines import NAMES, AnyEvent, UnknownEvent, parse
from server.protocol.events.messages import MessageReceived
from server.protocol.events.process import Ended, Ready
from server.protocol.nul import without_nul

PROTOCOL = Path(__file__).parents[2] / "protocol"
EVENTS = (PROTOCOL / "events.jsonl").read_bytes().splitlines()
COMMANDS = (PROTOCOL / "commands.jsonl").read_bytes().splitlines()


@pytest.mark.parametrize("line", EVENTS)
def test_every_event_a_connector_writes_is_understood_whole(line: bytes) -> None:
    event = parse(line)
    assert event is not None
    said = {key: _without_nul(value) for key, value in json.loads(line).items()}
    assert said.items() <= json.loads(msgspec.json.encode(event)).items()


def _without_nul(value: object) -> object:
    return value.replace("\0", "") if isinstance(value, str) else value


def test_a_golden_line_has_nul_characters_which_are_taken_out() -> None:
    [line] = [line for line in EVENTS if rb"\u0000" in line]
    event = parse(line)
    assert isinstance(event, MessageReceived)
    assert (event.push_name, event.text) == ("Bo", "Hello\\u0000, shop\\")


@given(st.text(st.sampled_from("\0\\u0x")))
def test_nul_is_taken_out_of_any_text_and_nothing_else_is(text: str) -> None:
    json_text = msgspec.json.encode(text)
    assert msgspec.json.decode(without_nul(json_text)) == text.replace("\0", "")


def test_the_golden_lines_know_every_event_of_a_connector() -> None:
    golden = {json.loads(line)["event"] for line in EVENTS}
    known = {event.__struct_config__.tag for event in get_args(AnyEvent) if event is not Ended}
    assert golden == known


def test_what_somebody_wrote_is_in_no_representation_of_an_event() -> None:
    received = [event for line in EVENTS if isinstance(event := parse(line), MessageReceived)]
    assert "Hello, shop" in {event.text for event in received}
    assert not any("Hello" in repr(event) or "Bo" in repr(event) for event in received)


def test_a_message_that_an_older_connector_left_in_its_spool_is_understood() -> None:
    [line, *_] = [line for line in EVENTS if b"chatLid" in line]
    told = {key: value for key, value in json.loads(line).items() if key not in ("chatLid", "senderLid")}
    event = parse(json.dumps(told).encode())
    assert isinstance(event, MessageReceived)
    assert (event.chat_lid, event.sender_lid) == (None, None)


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_is_written_as_the_connector_reads_it(line: bytes) -> None:
    known = msgspec.json.Decoder(
        commands.Hello
        | commands.Ack
        | commands.Ping
        | commands.Close
        | commands.Logout
        | commands.PairByCode
        | commands.SetLink
        | commands.Send
        | commands.MarkRead
        | commands.Type
        | commands.Ask
    )
    assert json.loads(known.decode(line).line()) == json.loads(line)


@pytest.mark.parametrize("line", [b"{", b"\xff", b"[]", b'{"event": "new"}', b'{"event": "up"}', b"\x00"])
def test_a_line_that_is_torn_or_has_no_epoch_is_no_event(line: bytes) -> None:
    assert parse(line) is None


def test_an_event_of_a_newer_connector_is_known_by_its_name_alone() -> None:
    event = parse(b'{"event":"hologram_shown","epoch":4,"seq":7,"of":["a"]}')
    assert event == UnknownEvent(name="hologram_shown", epoch=4)


@pytest.mark.parametrize(
    "line",
    [
        b'{"event":"opened","epoch":4,"seq":7}',
        b'{"event":"ended","epoch":4}',
        b'{"event":"Hologram","epoch":4}',
        b'{"event":"a\\nb","epoch":4}',
        b'{"event":"' + 65 * b"a" + b'","epoch":4}',
        b'{"event":"hologram_shown","epoch":-1}',
        b'{"event":"hologram_shown"}',
    ],
)
def test_a_known_event_without_its_keys_and_an_odd_name_are_no_events(line: bytes) -> None:
    assert parse(line) is None


def test_a_front_understands_every_event_of_a_connector() -> None:
    assert set(NAMES) == {json.loads(line)["event"] for line in EVENTS}


def test_what_somebody_sends_is_in_no_representation_of_a_command() -> None:
    sent = [msgspec.json.decode(line, type=commands.Send) for line in COMMANDS if b'"send"' in line]
    assert "Hello" in {command.message.text for command in sent}
    assert not any(word in repr(command) for command in sent for word in ("Hello", "Long Street", "Ann"))


def test_a_connector_of_an_older_motte_can_send_nothing() -> None:
    ready = parse(b'{"event":"ready","epoch":1,"front":"f"}')
    assert isinstance(ready, Ready)
    assert ready.can == ()
