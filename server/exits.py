"""How a connector's process ends, and what a session is told of it. connector/exits.js has the same codes."""

from store.records import Reason

#: Nothing more to do: the connector is asleep, or logged out.
AT_REST = 0
#: The session's folder cannot be written or read: it is tried again for as long as that takes.
NO_ROOM = 74
#: Start me again now: WhatsApp wants a new socket after a pairing.
AGAIN = 75

#: Start me again now: my memory has grown, and a fresh process is smaller.
RECYCLED = 76

_RESTORE = "put them back from a backup, then stop and start the session; or restart it to pair anew"

#: Ends that another start does not mend, and what each means.
NEEDS_A_PERSON = {
    78: Reason("credentials-lost", f"the account's credentials are gone, or another account's: {_RESTORE}"),
    79: Reason(
        "credentials-corrupted",
        f"connector.db cannot be read; it was left as it is. If its credentials are needed, {_RESTORE}",
    ),
    80: Reason(
        "schema-newer", "connector.db is a newer Motte's: update Motte, then stop and start the session"
    ),
}

#: What a session says while its connector cannot work for want of a disk.
STORAGE = Reason("storage-unavailable", "the session's folder cannot be written: see the disk")
