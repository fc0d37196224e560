"""This process as the next version of Motte, whose database has one table more."""

import sqlite3
from contextlib import closing
from pathlib import Path

from store.sqlite import schema

#: What this version makes of a database.
SCHEMA = len(schema.MIGRATIONS)


def become_newer(folder: Path) -> None:
    """Adds a migration. folder: where its file may lie."""
    newer = folder / "9999_newer.sql"
    newer.write_text("-- Of the next version.\nCREATE TABLE newer (id TEXT) STRICT;\n")
    schema.MIGRATIONS.append(newer)


def become_as_before() -> None:
    """Removes it."""
    del schema.MIGRATIONS[SCHEMA:]


def schema_of(database: Path) -> int:
    """The schema of a database."""
    with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
