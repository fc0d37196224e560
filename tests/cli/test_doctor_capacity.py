"""`motte doctor` says whether there is room for another session."""

import pytest

from server.cli.doctor.capacity import MIB, check_memory, check_sessions
from server.cli.doctor.finding import Verdict
from server.core.paths import StateFolder
from store.records.sessions import Status
from tests.cli.samples import add


def test_less_free_memory_than_a_new_session_needs_is_a_warning(
    motte: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTTE_MIN_FREE_MEMORY", "200")
    assert check_memory(motte, 200 * MIB).verdict is Verdict.OK
    finding = check_memory(motte, 200 * MIB - 1)
    assert finding.verdict is Verdict.WARNING
    assert finding.detail == "199 MiB free, and a new session needs 200 (MOTTE_MIN_FREE_MEMORY)"


def test_a_system_that_does_not_say_what_is_free_is_no_warning(motte: StateFolder) -> None:
    assert check_memory(motte, None).verdict is Verdict.OK


def test_as_many_sessions_as_there_may_be_are_a_warning(
    motte: StateFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MOTTE_MAX_SESSIONS", "2")
    add(motte, "shop", Status.QR_WAITING)
    assert check_sessions(motte).verdict is Verdict.OK
    add(motte, "till", Status.LOGGED_OUT)
    finding = check_sessions(motte)
    assert finding.verdict is Verdict.WARNING
    assert finding.detail == "2 of 2 (MOTTE_MAX_SESSIONS): no other one can be made"


def test_without_a_database_there_are_no_sessions(motte: StateFolder) -> None:
    motte.database.unlink()
    assert check_sessions(motte).detail == "0 of 1000 (MOTTE_MAX_SESSIONS)"


def test_a_wrong_setting_counts_as_unset(motte: StateFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MOTTE_MAX_SESSIONS", "many")
    assert check_sessions(motte).detail.endswith("of 1000 (MOTTE_MAX_SESSIONS)")
