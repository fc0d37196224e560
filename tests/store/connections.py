"""What tests do with a database next to the store."""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path


def insert_key(connection: sqlite3.Connection) -> None:
    connection.execute("INSERT INTO keys (name, sha256, scopes, created_at) VALUES ('bot', '1', '', 1)")


def count_keys(connection: sqlite3.Connection) -> int:
    (count,) = connection.execute("SELECT count(*) FROM keys").fetchone()
    return int(count)


def pragma(name: str) -> Callable[[sqlite3.Connection], object]:
    return lambda connection: connection.execute(f"PRAGMA {name}").fetchone()[0]


def look(path: Path, query: str) -> object:
    """What the file holds, read with SQLite alone."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute(query).fetchone()[0]
    finally:
        connection.close()


def no_thread_is_left() -> bool:
    """Whether the threads of all databases end. A zombie is given 5 seconds."""
    threads = [thread for thread in threading.enumerate() if "_connection_worker_thread" in thread.name]
    for thread in threads:
        thread.join(5)
    return not any(thread.is_alive() for thread in threads)


def put(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    path.chmod(0o644)
