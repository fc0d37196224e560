"""Exit codes of a connector's process, and the reasons that a session shows for them.

connector/process/exit_codes.js has the same codes.
"""

from server.protocol import reasons

#: The connector has nothing more to do: it is asleep or logged out.
DONE = 0
#: The session's folder cannot be written or read. The start is retried until it succeeds.
NO_ROOM = 74
#: The connector asks for a restart: WhatsApp requires a new socket after a pairing.
RESTART = 75
#: The connector asks for a restart, because its memory has grown.
RECYCLE = 76

#: Exit codes that another start does not fix, and the reason that a session shows for each.
EXIT_REASONS = {
    meaning.exit: reasons.reason(code)
    for code, meaning in reasons.TABLE.items()
    if meaning.exit is not None and meaning.needs_person
}

#: The reason that a session shows while its connector exits with NO_ROOM.
STORAGE_UNAVAILABLE = reasons.reason("storage-unavailable")
