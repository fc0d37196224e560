"""What a connector leaves on its disk."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path


def leave_credentials(folder: Path, *, linked: bool, server: str | None = None) -> None:
    """A session's connector.db. linked: an account knows the device.

    server: the one that it was linked with, as connectors write it; None: it does not say.
    """
    with closing(sqlite3.connect(folder / "connector.db")) as connection, connection:
        connection.execute("CREATE TABLE credentials (kind TEXT, id TEXT, value TEXT)")
        creds = {"noiseKey": "secret", **({"account": {"details": "x"}} if linked else {})}
        connection.execute("INSERT INTO credentials VALUES ('creds', '', ?)", (json.dumps(creds),))
        connection.execute("CREATE TABLE facts (name TEXT PRIMARY KEY, value ANY)")
        if server is not None:
            connection.execute("INSERT INTO facts VALUES ('server', ?)", (server,))
    (folder / "connector.db").chmod(0o600)
