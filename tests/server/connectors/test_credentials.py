"""What Python reads of a session's connector.db."""

import sqlite3
from contextlib import closing
from pathlib import Path
from shutil import copy

from server.connectors.credentials import FILE, WHATSAPP, is_linked, is_worth_keeping, linked_server
from tests.support.credentials import leave_credentials


def test_credentials_are_linked_once_an_account_knows_them(tmp_path: Path) -> None:
    assert not is_linked(tmp_path)
    leave_credentials(tmp_path, linked=False)
    assert not is_linked(tmp_path)
    (tmp_path / FILE).unlink()
    leave_credentials(tmp_path, linked=True)
    assert is_linked(tmp_path)


def test_a_record_whose_connector_was_killed_in_its_first_moments_is_not_linked(tmp_path: Path) -> None:
    (tmp_path / FILE).touch()
    assert not is_linked(tmp_path)


def test_a_record_whose_connector_was_killed_while_it_made_it_is_not_linked(tmp_path: Path) -> None:
    path = tmp_path / "elsewhere"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.executescript("CREATE TABLE some (value); DROP TABLE some; PRAGMA cache_size = 1; BEGIN")
        database.execute("CREATE TABLE some (value)")
        database.executemany("INSERT INTO some VALUES (randomblob(4000))", [()] * 100)
        copy(path, tmp_path / FILE)
        copy(f"{path}-journal", tmp_path / f"{FILE}-journal")
    assert not is_linked(tmp_path)


def test_a_record_that_cannot_be_read_counts_as_linked(tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("torn " * 1000)
    assert is_linked(tmp_path)


def test_a_folder_with_messages_that_no_front_has_stored_is_worth_keeping(tmp_path: Path) -> None:
    leave_credentials(tmp_path, linked=False)
    assert not is_worth_keeping(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute("CREATE TABLE spool (seq INTEGER PRIMARY KEY AUTOINCREMENT, event TEXT NOT NULL)")
    assert not is_worth_keeping(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute("""INSERT INTO spool (event) VALUES ('{"event": "closed"}')""")
    assert not is_worth_keeping(tmp_path)
    with closing(sqlite3.connect(tmp_path / FILE)) as connection, connection:
        connection.execute("""INSERT INTO spool (event) VALUES ('{"event": "message_received"}')""")
    assert is_worth_keeping(tmp_path)


def test_an_accounts_credentials_and_what_cannot_be_read_are_worth_keeping(tmp_path: Path) -> None:
    assert not is_worth_keeping(tmp_path)
    leave_credentials(tmp_path, linked=True)
    assert is_worth_keeping(tmp_path)
    (tmp_path / FILE).write_text("torn " * 1000)
    assert is_worth_keeping(tmp_path)


def test_credentials_say_which_server_they_were_linked_with(tmp_path: Path) -> None:
    leave_credentials(tmp_path, linked=True, server="ab" * 32)
    assert linked_server(tmp_path) == "ab" * 32


def test_credentials_that_do_not_say_it_or_cannot_be_read_count_as_whatsapps_own(tmp_path: Path) -> None:
    leave_credentials(tmp_path, linked=True)
    assert linked_server(tmp_path) == WHATSAPP
    (tmp_path / FILE).write_text("torn " * 1000)
    assert linked_server(tmp_path) == WHATSAPP
