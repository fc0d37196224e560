"""The schema of the database: numbered files migrate it."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

from store.errors import SchemaTooNew, SchemaTooOld, StoreUnavailable

MIGRATIONS = sorted(Path(__file__).with_name("migrations").glob("[0-9]*.sql"))


def migrate(connection: sqlite3.Connection) -> None:
    """Runs the files that this database lacks, inside the caller's transaction. Raises SchemaTooNew."""
    missing = MIGRATIONS[_version(connection) :]
    for file in missing:
        for statement in _statements(file.read_text(encoding="utf-8")):
            connection.execute(statement)
    if missing:  # else a start would wait for the disk for nothing
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS)}")


def check_schema(connection: sqlite3.Connection) -> None:
    """Checks that this database lacks no file, and that none is newer. Raises SchemaTooNew, SchemaTooOld."""
    version = _version(connection)
    if version < len(MIGRATIONS):
        raise SchemaTooOld(
            f"the database has schema {version}, this Motte needs {len(MIGRATIONS)}, "
            "and another process keeps it so"
        )


def check_columns(connection: sqlite3.Connection) -> None:
    """Checks that every table has its columns: a byte of a name may have changed. Raises StoreUnavailable."""
    found = _columns(connection)
    for table, columns in made_columns().items():
        if found.get(table) != columns:
            raise StoreUnavailable(damaged(f"the table {table} is not as Motte made it"))


def damaged(what: str) -> str:
    """Returns the sentence for a database that is damaged."""
    return f"the database is damaged ({what}): stop Motte, and `motte restore --force` a backup"


@cache
def made_columns() -> dict[str, list[str]]:
    """Returns the columns of each table and view of a new database. The first call makes one in memory."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript("".join(file.read_text(encoding="utf-8") for file in MIGRATIONS))
        return _columns(connection)


def _version(connection: sqlite3.Connection) -> int:
    """Returns the schema of the database. Raises SchemaTooNew."""
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version > len(MIGRATIONS):
        raise SchemaTooNew(
            f"the database has schema {version}, this Motte knows {len(MIGRATIONS)}: update it"
        )
    return int(version)


def _columns(connection: sqlite3.Connection) -> dict[str, list[str]]:
    tables = connection.execute("SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')").fetchall()
    return {
        name: [row[0] for row in connection.execute("SELECT name FROM pragma_table_info(?)", (name,))]
        for (name,) in tables
    }


def _statements(script: str) -> Iterator[str]:
    """Yields one after the other: `executescript` would commit the surrounding transaction."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if sqlite3.complete_statement(statement):
            yield statement
            statement = ""
