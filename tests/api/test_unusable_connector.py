"""A connector whose lines are no events is killed, and its session says so."""

import os

import pytest

from server.connectors.line_checks import MAX_UNREADABLE_LINES
from server.protocol.events.lines import NAMES
from tests.api.conftest import Front
from tests.api.received import connected
from tests.support.time import until


def write(front: Front, line: bytes, times: int) -> None:
    pipe = os.open(front.folder.session("shop").events, os.O_WRONLY | os.O_NONBLOCK)
    assert os.write(pipe, line * times) == len(line) * times
    os.close(pipe)


async def test_a_connector_may_write_so_many_lines_that_are_no_events_and_one_more_is_its_end(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    connector = await connected(front)
    write(front, b"rubbish\n", MAX_UNREADABLE_LINES - 1)
    connector.receive("goes on")
    await until(lambda: {"command": "ack", "seq": connector.last_seq} in connector.commands)
    assert caplog.text.count("event=unreadable") == MAX_UNREADABLE_LINES - 1
    assert "event=unusable" not in caplog.text
    write(front, b"rubbish\n", 1)
    gone = await front.until("disconnected")
    assert gone["statusReason"]["code"] == "connector-deaf"
    assert "event=unusable" in caplog.text


async def test_a_newer_connector_may_say_what_the_front_does_not_know_as_often_as_it_wants(
    front: Front, caplog: pytest.LogCaptureFixture
) -> None:
    connector = await connected(front)
    write(front, b'{"event":"hologram_shown","epoch":1,"seq":7}\n', 10 * MAX_UNREADABLE_LINES)
    connector.receive("goes on")
    await until(lambda: {"command": "ack", "seq": connector.last_seq} in connector.commands)
    assert (await front.read())["status"] == "connected"
    counts = [line.rsplit("=", 1)[1] for line in caplog.messages if "event=unknown_event" in line]
    assert counts == ["1", "10", "100", "1000"]
    assert "event=unreadable" not in caplog.text


async def test_a_connector_hears_which_events_the_front_understands(front: Front) -> None:
    connector = await connected(front)
    [hello, *_] = [command for command in connector.commands if command["command"] == "hello"]
    assert set(hello["understands"]) == set(NAMES)


async def test_what_a_killed_connector_left_is_not_taken_for_its_successors(front: Front) -> None:
    await connected(front)
    closed = b'{"event":"logged_out","epoch":1,"seq":99,"reason":{"code":"logged-out","detail":"d"}}\n'
    write(front, b"rubbish\n" * MAX_UNREADABLE_LINES + closed, 1)
    await front.until("disconnected")
    front.time.advance(1.1)
    assert (await front.until("connected"))["phoneNumber"] is not None


async def test_lines_without_content_are_no_offence(front: Front) -> None:
    connector = await connected(front)
    write(front, b"\n", 10 * MAX_UNREADABLE_LINES)
    connector.receive("goes on")
    await until(lambda: {"command": "ack", "seq": connector.last_seq} in connector.commands)
    assert (await front.read())["status"] == "connected"
