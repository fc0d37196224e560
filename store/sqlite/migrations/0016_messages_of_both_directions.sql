-- A session's messages are those that came and those that callers send: these have a status, and no moment of
-- sending before they are sent. SQLite cannot make a column optional, so the table is written once more.

CREATE TABLE messages_of_both (
    -- AUTOINCREMENT: a number is never used twice.
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    -- Counts the messages of the session: cursors show it.
    place INTEGER NOT NULL,
    -- WhatsApp's; made by the sender, or by Motte for what callers send.
    id TEXT NOT NULL,
    chat TEXT NOT NULL,
    chat_lid TEXT,
    sender TEXT NOT NULL,
    sender_lid TEXT,
    from_me INTEGER NOT NULL,
    -- NULL: it came from others. Else `api` or `phone`.
    via TEXT,
    push_name TEXT,
    kind TEXT NOT NULL,
    text TEXT,
    -- JSON of what the message has besides a text. NULL: nothing.
    content TEXT,
    -- NULL: it came.
    status TEXT,
    reason_code TEXT,
    reason_detail TEXT,
    -- How often it was handed to WhatsApp.
    attempts INTEGER NOT NULL DEFAULT 0,
    -- Milliseconds since 1970, as are the other moments.
    queued_at INTEGER,
    sent_at INTEGER,
    delivered_at INTEGER,
    read_at INTEGER,
    -- When it was stored.
    received_at INTEGER NOT NULL,
    -- Bytes that the message takes, about.
    size INTEGER NOT NULL
) STRICT;

INSERT INTO messages_of_both (
    number, session_id, place, id, chat, chat_lid, sender, sender_lid, from_me, via, push_name, kind, text,
    sent_at, received_at, size
)
SELECT
    number, session_id, place, id, chat, chat_lid, sender, sender_lid, from_me,
    CASE WHEN from_me = 1 THEN 'phone' END, push_name, kind, text, sent_at, received_at, size
FROM messages;

DELETE FROM sqlite_sequence WHERE name = 'messages_of_both';

INSERT INTO sqlite_sequence (name, seq)
SELECT 'messages_of_both', seq FROM sqlite_sequence WHERE name = 'messages';

DROP TABLE messages;

ALTER TABLE messages_of_both RENAME TO messages;

-- Pages of a session's messages are read in this order.
CREATE INDEX messages_in_place ON messages (session_id, place);

-- Each size is in it: adding up the sizes of a session does not read its messages.
CREATE INDEX messages_by_chat ON messages (session_id, chat, number, size);

-- What is too old is found by this.
CREATE INDEX messages_by_age ON messages (received_at);

-- Senders choose ids, so several messages may have one.
CREATE INDEX messages_by_id ON messages (session_id, id);

-- Motte makes an id once.
CREATE UNIQUE INDEX messages_by_own_id ON messages (session_id, id) WHERE via = 'api';
