"""Whether a start finds its API key in the database, as each does but the first and one after an upgrade.

Then `motte serve` need not open the database for writing (first_key.py), and imports less.
"""

from server.auth.key_texts import digest
from server.auth.scopes import Scope
from server.core.paths import StateFolder
from store.sqlite.known_keys import known_keys


def finds_key(folder: StateFolder, *, given: str | None) -> bool:
    """Whether the database has the newest schema, and a key. given: MOTTE_API_KEY, which must be that key."""
    keys = known_keys(folder.database)
    if keys is None:
        return False
    return bool(keys) if given is None else Scope.ADMIN in keys.get(digest(given), ())
