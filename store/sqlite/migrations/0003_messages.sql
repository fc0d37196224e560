-- What accounts received. A row lives until its retention is over, or its session is deleted.
-- AUTOINCREMENT: a number is never used twice, so that a client that reads on after one misses nothing.

CREATE TABLE messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    id TEXT NOT NULL,                   -- WhatsApp's
    chat TEXT NOT NULL,
    sender TEXT NOT NULL,
    from_me INTEGER NOT NULL,
    push_name TEXT,
    sent_at INTEGER NOT NULL,           -- milliseconds since 1970, as is received_at
    received_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT
) STRICT;

-- Pages of a session's messages are read in this order.
CREATE INDEX messages_in_order ON messages (session_id, number);

-- What is too old is found by this.
CREATE INDEX messages_by_age ON messages (received_at);
