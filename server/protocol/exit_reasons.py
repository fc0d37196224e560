"""Reasons that a session shows for the exit codes of its connector."""

from server.protocol import reasons

#: For each exit code that another start does not fix.
EXIT_REASONS = {
    meaning.exit: reasons.reason(code)
    for code, meaning in reasons.TABLE.items()
    if meaning.exit is not None and meaning.needs_person
}

#: While a connector exits with NO_ROOM.
STORAGE_UNAVAILABLE = reasons.reason("storage-unavailable")
