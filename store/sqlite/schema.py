"""The schema of the database: numbered files migrate it."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from store.errors import SchemaTooNew

MIGRATIONS = sorted(Path(__file__).with_name("migrations").glob("[0-9]*.sql"))


def migrate(connection: sqlite3.Connection) -> None:
    """Runs the files that this database lacks, inside the caller's transaction. Raises SchemaTooNew."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise SchemaTooNew(
            f"the database has schema {version}, this Motte knows {len(MIGRATIONS)}: update it"
        )
    for file in MIGRATIONS[version:]:
        for statement in _statements(file.read_text(encoding="utf-8")):
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def _statements(script: str) -> Iterator[str]:
    """Yields one after the other: `executescript` would commit the surrounding transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
