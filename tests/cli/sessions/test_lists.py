"""`motte sessions list` and `show`: sessions and their processes, as tables and as JSON."""

import json
import re

import pytest

from tests.cli.sessions.api import CODE, FakeApi, process, session
from tests.cli.sessions.conftest import Motte


def test_a_list_has_every_page(motte: Motte, api: FakeApi) -> None:
    listed = json.loads(motte("list", "--output", "json").stdout)
    assert [item["id"] for item in listed["items"]] == ["first", "second"]
    assert listed["nextCursor"] is None
    assert api.asked == ["GET /sessions?limit=200", "GET /sessions?limit=200&cursor=more"]


def test_a_list_can_be_of_one_status(motte: Motte, api: FakeApi) -> None:
    motte("list", "--status", "connected")
    assert api.asked[0] == "GET /sessions?limit=200&status=connected"


def test_a_table_is_aligned_under_its_head_and_shows_no_code(motte: Motte) -> None:
    head, *rows = motte("list").stdout.splitlines()
    assert {row.index("qr_waiting") for row in rows} == {head.index("STATUS")}
    assert CODE not in motte("list").output
    assert CODE not in motte("show", "shop").output


def test_tables_show_restarts_and_memory(motte: Motte, api: FakeApi) -> None:
    head, first, second = motte("list").stdout.splitlines()
    assert head.split()[-2:] == ["RESTARTS", "MEMORY"]
    assert first.split()[-3:] == ["3", "100", "MiB"]
    assert second.split()[-2:] == ["-", "-"]
    lines = dict(line.split(maxsplit=1) for line in motte("show", "shop").stdout.splitlines())
    shown = [lines[name] for name in ("process", "restarts", "recycled", "memory")]
    assert shown == ["running", "3", "1", "100 MiB"]


def test_a_process_that_is_asleep_has_no_memory(motte: Motte, api: FakeApi) -> None:
    api.process = process(state="asleep", pid=None, uptime=None, memory=None)
    assert motte("list").stdout.splitlines()[1].split()[-2:] == ["3", "-"]


def test_sessions_are_shown_even_if_their_processes_are_not_known(motte: Motte, api: FakeApi) -> None:
    api.process = None
    assert "RESTARTS" not in motte("list").stdout
    assert "restarts" not in motte("show", "shop").stdout


def test_an_empty_list_says_how_to_create_a_session(motte: Motte, api: FakeApi) -> None:
    api.is_empty = True
    listed = motte("list")
    assert "motte sessions create shop --qr" in listed.stderr
    assert "No session is connected" in motte("list", "--status", "connected").stderr
    assert motte("list", "--output", "json").stderr == ""


def test_tables_say_how_long_ago_something_was(motte: Motte, api: FakeApi) -> None:
    assert re.search(r" [0-9]+ d ago ", motte("list").stdout.splitlines()[1])
    shown = motte("show", "shop").stdout
    assert re.search(r"^created +2026-01-01T00:00:00.000Z \([0-9]+ d ago\)$", shown, re.MULTILINE)
    assert re.search(r"^code until +2100-01-01T00:00:00.000Z \(in [0-9]+ d\)$", shown, re.MULTILINE)


def test_show_only_looks(motte: Motte, api: FakeApi) -> None:
    shown = motte("show", "shop", "--output", "json")
    assert json.loads(shown.stdout) == session()
    assert api.asked == ["GET /sessions/shop?refresh=false"]


def test_a_name_cannot_move_the_cursor(motte: Motte, api: FakeApi) -> None:
    api.answer = session(pushName="\x1b[2Jgone")
    assert "\x1b" not in motte("show", "shop").stdout


@pytest.mark.parametrize("session_id", ["../keys", "a/b", "-x", "x" * 65, "shop\n"])
def test_an_invalid_id_is_wrong_usage_and_sends_no_request(
    motte: Motte, api: FakeApi, session_id: str
) -> None:
    assert motte("show", "--", session_id).exit_code == 2
    assert api.asked == []
