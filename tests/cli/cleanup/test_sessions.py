"""Which sessions `motte cleanup` removes where Motte does not run, and which it never touches."""

import pytest

from server.core.clock import SystemClock
from server.core.paths import StateFolder
from store.records.sessions import Status
from tests.cli.cleanup.leftovers import found, leave_unstored_message
from tests.cli.conftest import Run
from tests.cli.samples import DAY, add, ids, in_store, messages, receive


@pytest.mark.parametrize("status", ["starting", "qr_waiting", "stopped", "failed"])
def test_a_session_that_was_never_paired_is_removed_with_its_folder_and_log(
    run: Run, motte: StateFolder, status: str
) -> None:
    add(motte, "shop", Status(status))
    result = run("cleanup", "--yes")
    assert result.exit_code == 0
    assert f"not paired, {status} for 30d" in result.stdout
    assert "Removed 1 session." in result.stdout
    assert ids(motte) == set()
    assert list(motte.sessions.iterdir()) == []
    assert list(motte.logs.iterdir()) == []


@pytest.mark.parametrize("status", ["logged_out", "qr_waiting"])
def test_a_session_is_kept_as_long_as_its_messages(run: Run, motte: StateFolder, status: str) -> None:
    add(motte, "shop", Status(status))
    receive(motte, "shop", "unread")
    assert run("cleanup", "--yes").stdout == "There is nothing to clean up.\n"
    assert messages(motte, "shop") == ["unread"]
    in_store(motte, lambda store: store.messages.forget(SystemClock().wall()))
    assert found(run) == {("session", "shop")}


def test_a_session_with_messages_that_are_not_stored_yet_is_kept(run: Run, motte: StateFolder) -> None:
    add(motte, "shop", Status.LOGGED_OUT)
    leave_unstored_message(motte, "shop")
    assert found(run) == set()


@pytest.mark.parametrize("status", ["connected", "disconnected", "pairing", "stopped", "failed"])
def test_a_paired_session_is_never_touched(run: Run, motte: StateFolder, status: str) -> None:
    add(motte, "shop", Status(status), phone="15551234567", linked=True)
    result = run("cleanup", "--yes", "--older-than", "0m")
    assert result.stdout == "There is nothing to clean up.\n"
    assert ids(motte) == {"shop"}
    assert (motte.session("shop").path / "connector.db").exists()


def test_a_session_during_its_pairing_is_kept_though_it_has_no_number_yet(
    run: Run, motte: StateFolder
) -> None:
    add(motte, "shop", Status.PAIRING)
    assert found(run) == set()


def test_a_session_with_linked_credentials_is_kept_even_if_the_database_does_not_know_the_account(
    run: Run, motte: StateFolder
) -> None:
    add(motte, "shop", Status.QR_WAITING, linked=True)
    assert found(run) == set()


def test_credentials_that_cannot_be_read_are_kept(run: Run, motte: StateFolder) -> None:
    add(motte, "shop", Status.QR_WAITING)
    (motte.session("shop").path / "connector.db").write_text("torn " * 1000)
    assert found(run) == set()


@pytest.mark.parametrize("status", ["logged_out", "qr_waiting"])
def test_a_session_is_removed_after_a_week_without_a_change(
    run: Run, motte: StateFolder, status: str
) -> None:
    add(motte, "late", Status(status), changed=SystemClock().wall() - 7 * DAY - 60_000)
    add(motte, "shop", Status(status), changed=SystemClock().wall() - 7 * DAY + 60_000)
    assert found(run) == {("session", "late")}


@pytest.mark.parametrize("status", ["logged_out", "qr_waiting"])
@pytest.mark.parametrize(("span", "goes"), [("30m", True), ("1h", True), ("12h", False), ("7d", False)])
def test_how_long_a_session_may_go_without_a_change_can_be_chosen(
    run: Run, motte: StateFolder, span: str, goes: bool, status: str
) -> None:
    add(motte, "shop", Status(status), changed=SystemClock().wall() - 2 * 3_600_000)
    assert bool(found(run, "--older-than", span)) is goes


@pytest.mark.parametrize("span", ["", "1", "d", "1w", "-1d", "1.5h", "1d "])
def test_an_invalid_age_is_wrong_usage(run: Run, motte: StateFolder, span: str) -> None:
    assert run("cleanup", f"--older-than={span}").exit_code == 2
