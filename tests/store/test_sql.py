"""The statements use words that PostgreSQL takes too: they are written once, for every database."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SQLITE = Path(__file__).parents[2] / "store" / "sqlite"

#: What concerns the file of SQLite, and has no counterpart elsewhere.
ABOUT_THE_FILE = {
    "backup.py",
    "data_version.py",
    "database.py",
    "database_file.py",
    "integrity.py",
    "schema.py",
    "write_lock.py",
}

STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|PRAGMA)\b")

#: What PostgreSQL lacks, or understands in another way, and what to write instead.
ONLY_SQLITE = {
    r"\bPRAGMA\b": "no counterpart",
    r"\bjson_\w+\(": "one parameter for each value",
    r"\b(INSERT|UPDATE) OR \w+": "ON CONFLICT … DO UPDATE",
    r"\bREPLACE INTO\b": "ON CONFLICT … DO UPDATE",
    r"\b(MAX|MIN)\([^()]*,": "a condition",
    r"(?<!\w):\w+ IS (NOT )?NULL": "CAST(:name AS TEXT) IS NULL: else the type is not known",
    r"\bLIMIT -1\b": "a great number",
    r"\bIFNULL\(": "COALESCE",
    r"\browid\b": "a column",
    r"\b(strftime|datetime|julianday|unixepoch|last_insert_rowid|total_changes|changes)\(": "a parameter",
    r"\bGLOB\b|\bLIKE\b": "its case differs",
    r"\bSELECT \w+\.\*": "names of columns",
    r"\bINTO \w+\s+VALUES\b": "names of columns",
    r"==|`|\[": "standard SQL",
    r'"': "a name in lower case, without quotes",
    r"\?": "a named parameter",
}


def statements() -> Iterator[tuple[str, str]]:
    """Each text with SQL in the store on SQLite, with its file. A gap stands for what is put into a text."""
    for path in sorted(SQLITE.glob("*.py")):
        if path.name in ABOUT_THE_FILE:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            text = _text(node)
            if text is not None and STATEMENT.match(text):
                yield path.name, text


def _text(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=values):
            return "".join(_text(value) or " … " for value in values)
    return None


def test_the_statements_are_found() -> None:
    assert len(list(statements())) >= 25


@pytest.mark.parametrize("word", ONLY_SQLITE)
def test_no_statement_has_a_word_that_only_sqlite_understands(word: str) -> None:
    found = [(name, text) for name, text in statements() if re.search(word, text)]
    assert not found, f"write instead: {ONLY_SQLITE[word]}"


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT OR REPLACE INTO qrs (id) VALUES (:id)",
        "SELECT value FROM json_each(:among)",
        "UPDATE keys SET at = MAX(:at, COALESCE(at, 0))",
        "SELECT id FROM sessions WHERE :status IS NULL OR status = :status",
        "SELECT id FROM sessions LIMIT -1",
        "PRAGMA user_version",
    ],
)
def test_what_the_store_had_of_sqlite_would_be_found(statement: str) -> None:
    assert any(re.search(word, statement) for word in ONLY_SQLITE)
