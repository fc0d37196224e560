"""Exit codes of a connector's process. connector/process/exit_codes.js has the same ones.

supervisord imports them: exit_reasons.py has what a session shows for them, and takes ten times as long.
"""

import json
from typing import Final

from server.core.installation import FILES

#: The connector has nothing more to do: it is asleep or logged out.
DONE = 0
#: The session's folder cannot be written or read. The start is retried until it succeeds.
NO_ROOM = 74
#: The connector asks for a restart: WhatsApp requires a new socket after a pairing.
RESTART = 75
#: The connector asks for a restart, because its memory has grown.
RECYCLE = 76


def _hopeless() -> frozenset[int]:
    """Reads the table of reasons. Without connector/, nothing is known: `motte serve` reports that."""
    try:
        table = json.loads((FILES / "connector" / "reasons.json").read_bytes())
    except FileNotFoundError:
        return frozenset()
    exits = (row.get("exit") for row in table.values() if row["needsPerson"])
    return frozenset(code for code in exits if code is not None)


#: Exit codes that another start does not fix.
HOPELESS: Final = _hopeless()
