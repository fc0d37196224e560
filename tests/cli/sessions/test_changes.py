"""Commands that change a session: create, update, start, stop, restart, log out, delete."""

import json

import pytest

from tests.cli.sessions.api import FakeApi, session
from tests.cli.sessions.conftest import Motte


def test_create_sends_only_the_given_fields(motte: Motte, api: FakeApi) -> None:
    assert motte("create", "shop", "--name", "The shop").exit_code == 0
    motte("create")
    assert api.bodies == [{"id": "shop", "name": "The shop"}, {}]
    assert "motte sessions qr shop" in motte("create").stderr


@pytest.mark.parametrize("verb", ["start", "stop", "restart"])
def test_a_command_sends_its_request_to_the_api(motte: Motte, api: FakeApi, verb: str) -> None:
    assert json.loads(motte(verb, "shop", "--output", "json").stdout) == session()
    assert api.asked == [f"POST /sessions/shop/{verb}"]


@pytest.mark.parametrize(
    ("verb", "request_"), [("logout", "POST /sessions/shop/logout"), ("delete", "DELETE /sessions/shop")]
)
def test_commands_that_cannot_be_undone_ask_first(
    motte: Motte, api: FakeApi, verb: str, request_: str
) -> None:
    for no in ("n\n", ""):
        assert motte(verb, "shop", answers=no).exit_code == 1
    assert api.asked == []
    assert motte(verb, "shop", answers="y\n").exit_code == 0
    assert motte(verb, "shop", "--yes").exit_code == 0
    assert api.asked == [request_, request_]


def test_a_restart_forgets_only_after_the_number_was_named(motte: Motte, api: FakeApi) -> None:
    api.answer = session(status="failed", phoneNumber="15551234567")
    for no in ("n\n", ""):
        result = motte("restart", "shop", "--forget", answers=no)
        assert result.exit_code == 1
        assert "+15551234567" in result.stderr
        assert "scan a new code" in result.stderr
    assert set(api.asked) == {"GET /sessions/shop?refresh=false"}
    api.asked.clear()
    assert motte("restart", "shop", "--forget", answers="y\n").exit_code == 0
    assert motte("restart", "shop", "--forget", "--yes").exit_code == 0
    assert api.asked.count("POST /sessions/shop/restart") == 2
    assert api.bodies[-1] == {"forget": True}
    assert motte("restart", "shop").exit_code == 0
    assert api.bodies[-1] is None


def test_a_refusal_is_1_in_the_words_of_the_api(motte: Motte, api: FakeApi) -> None:
    api.status, api.answer = 409, {"code": "conflicting-state", "detail": "cannot stop while logged_out"}
    result = motte("stop", "shop")
    assert result.exit_code == 1
    assert "conflicting-state: cannot stop while logged_out" in result.stderr


def test_a_create_that_draws_says_how_to_go_on_with_a_session_that_exists(motte: Motte, api: FakeApi) -> None:
    api.status, api.answer = 409, {"code": "session-exists", "detail": "there is a session shop already"}
    result = motte("create", "shop", "--qr")
    assert result.exit_code == 1
    assert "motte sessions qr shop --follow" in result.stderr


def test_an_update_sends_only_the_changed_fields(motte: Motte, api: FakeApi) -> None:
    assert motte("update", "shop", "--name", "The shop", "--no-device-name").exit_code == 0
    assert api.asked == ["PATCH /sessions/shop"]
    assert api.bodies == [{"name": "The shop", "deviceName": None}]


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ((), "nothing to change"),
        (("--proxy", "http://h:1", "--no-proxy"), "--proxy and --no-proxy cannot both be given"),
    ],
)
def test_an_update_of_nothing_or_of_both_is_wrong_usage(
    motte: Motte, api: FakeApi, options: tuple[str, ...], rule: str
) -> None:
    result = motte("update", "shop", *options)
    assert (result.exit_code, api.asked) == (2, [])
    assert rule in result.stderr


def test_a_create_names_the_device(motte: Motte, api: FakeApi) -> None:
    motte("create", "shop", "--device-name", "Till 2")
    assert api.bodies == [{"id": "shop", "deviceName": "Till 2"}]


def test_a_proxy_can_come_by_standard_input(motte: Motte, api: FakeApi) -> None:
    result = motte("update", "shop", "--proxy", "-", answers="socks5://ann:s3cr3t@10.0.0.1:1080\n")
    assert api.bodies == [{"proxy": "socks5://ann:s3cr3t@10.0.0.1:1080"}]
    assert "s3cr3t" not in result.output
    motte("update", "shop", "--no-proxy")
    assert api.bodies[-1] == {"proxy": None}
    motte("create", "shop", "--proxy", "http://10.0.0.1:3128")
    assert api.bodies[-1] == {"id": "shop", "proxy": "http://10.0.0.1:3128"}
