"""What `motte cleanup` finds in a state folder, and what a test leaves there for it."""

import json
import sqlite3
from contextlib import closing

from click.testing import CliRunner, Result

from server.cli import main
from server.core.paths import StateFolder
from tests.cli.conftest import Run


def found(run: Run, *arguments: str) -> set[tuple[str, str]]:
    """The kind and the name of each leftover."""
    result = run("cleanup", "--dry-run", "--output", "json", *arguments)
    assert result.exit_code == 0, result.output
    return {(item["kind"], item["name"]) for item in json.loads(result.stdout)["items"]}


def answering(answers: str, *arguments: str) -> Result:
    """Runs it for a person who types these answers."""
    return CliRunner().invoke(main, ["cleanup", *arguments], input=answers)


def leave_unstored_message(motte: StateFolder, session_id: str) -> None:
    """Leaves a message that no front has stored yet in the database of a connector."""
    with closing(sqlite3.connect(motte.session(session_id).path / "connector.db")) as connection, connection:
        connection.execute("CREATE TABLE spool (seq INTEGER PRIMARY KEY, event TEXT)")
        connection.execute("""INSERT INTO spool (event) VALUES ('{"event": "message_received"}')""")
