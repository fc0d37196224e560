"""How a connector's process ends, and what that says about its session.

connector/process/exit_codes.js has the same codes.
"""

from server.protocol import reasons

#: Nothing more to do: the connector is asleep, or logged out.
AT_REST = 0
#: The session's folder cannot be written or read: it is tried again for as long as that takes.
NO_ROOM = 74
#: Start me again now: WhatsApp wants a new socket after a pairing.
AGAIN = 75

#: Start me again now: my memory has grown, and a fresh process is smaller.
RECYCLED = 76

#: Ends that another start does not mend, and what each means.
NEEDS_A_PERSON = {
    meaning.exit: reasons.reason(code)
    for code, meaning in reasons.TABLE.items()
    if meaning.exit is not None and meaning.needs_person
}

#: What a session says while its connector cannot work for want of a disk.
STORAGE = reasons.reason("storage-unavailable")
