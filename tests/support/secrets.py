"""What must stand in no log: what codes and credentials are made of."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

#: Characters; a text that is shorter may stand in a log by chance.
LONG_ENOUGH = 20


def parts(qr_code: str) -> Iterator[str]:
    """What a code is made of: a ref, and keys."""
    return (part for part in qr_code.split(",") if len(part) >= LONG_ENOUGH)


def secrets_in(record: Path) -> set[str]:
    """Every key in a connector's record."""
    with closing(sqlite3.connect(f"file:{record}?mode=ro", uri=True)) as database:
        values = [json.loads(value) for (value,) in database.execute("SELECT value FROM credentials")]
    return {text for value in values for text in _texts(value) if len(text) >= LONG_ENOUGH}


def _texts(value: Any) -> Iterator[str]:
    """Every text in a JSON document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
