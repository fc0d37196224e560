"""`motte doctor` on stored sessions and their credentials."""

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from server.cli.doctor.finding import Verdict
from server.cli.doctor.stored_sessions import check_credentials, check_orphans, check_servers
from server.cli.serve.launch import SANDBOX_ROOT_KEY
from server.core.paths import StateFolder
from store.records.sessions import Status
from tests.cli.conftest import is_wrong
from tests.cli.samples import add, furnish_session


def test_credentials_of_a_session_that_the_database_does_not_know_are_a_warning(motte: StateFolder) -> None:
    assert check_orphans(motte).verdict is Verdict.OK
    furnish_session(motte, "gone", linked=True)
    furnish_session(motte, "never", linked=False)
    finding = check_orphans(motte)
    assert finding.verdict is Verdict.WARNING
    assert "database: gone" in finding.detail
    assert "--linked-orphans" in (finding.advice or "")


def test_sessions_of_two_servers_in_one_folder_are_a_warning(motte: StateFolder) -> None:
    assert check_servers(motte).detail == "no session is linked"
    furnish_session(motte, "shop", linked=True, server=SANDBOX_ROOT_KEY)
    assert check_servers(motte) == ("linked with", Verdict.OK, "the sandbox (shop)", None)
    for session_id in ("a", "b", "c", "d"):
        furnish_session(motte, session_id, linked=True)
    finding = check_servers(motte)
    assert finding.verdict is Verdict.WARNING
    assert finding.detail == "the sandbox (shop) and WhatsApp itself (a, b, c and 1 more)"


def test_credentials_of_linked_sessions_that_are_all_there_are_fine(motte: StateFolder) -> None:
    add(motte, "shop", Status.CONNECTED, phone="15551234567", linked=True)
    add(motte, "waiting", Status.QR_WAITING)
    add(motte, "left", Status.LOGGED_OUT, phone="15551234567")
    finding = check_credentials(motte)
    assert (finding.verdict, finding.detail) == (Verdict.OK, "1 linked, all there")


def _remove(file: Path) -> None:
    file.unlink()


def _spoil(file: Path) -> None:
    file.write_bytes(b"no database at all " * 300)


def _unlink_account(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("DELETE FROM credentials")


def _make_newer(file: Path) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(
    ("happen", "said"),
    [
        (_remove, "shop (missing)"),
        (_spoil, "shop (cannot be read)"),
        (_unlink_account, "shop (without an account)"),
        (_make_newer, "shop (a newer Motte's)"),
    ],
)
def test_credentials_that_are_gone_or_damaged_are_reported_with_their_session(
    motte: StateFolder, happen: Callable[[Path], None], said: str
) -> None:
    add(motte, "shop", Status.CONNECTED, phone="15551234567", linked=True)
    happen(motte.session("shop").path / "connector.db")
    assert is_wrong(check_credentials(motte), said)
