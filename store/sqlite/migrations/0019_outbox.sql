-- Callers send messages: those that wait, the requests that were made already, and what is known of recipients.

CREATE TABLE outbox (
    -- The message. A row goes once the message is sent, or has failed.
    number INTEGER PRIMARY KEY REFERENCES messages (number) ON DELETE CASCADE,
    session_id TEXT NOT NULL,
    -- One message of a chat is on its way at a time.
    chat TEXT NOT NULL,
    -- Bytes of the message, about.
    size INTEGER NOT NULL,
    -- 1: a connector has it, or may have it.
    handed INTEGER NOT NULL,
    -- Seconds for which the chat sees that somebody types, before the message is sent.
    typing REAL NOT NULL,
    -- What to do with a message of which nobody knows whether WhatsApp has it: `resend` or `fail`.
    on_doubt TEXT NOT NULL,
    -- When it is not worth sending any more: boot clock, seconds.
    until REAL NOT NULL,
    -- The same moment in milliseconds since 1970: it counts only after another boot.
    until_wall INTEGER NOT NULL,
    boot_id TEXT NOT NULL
) STRICT;

-- The messages of a session are counted and added up without reading them.
CREATE INDEX outbox_in_order ON outbox (session_id, number, size);

CREATE TABLE idempotency (
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    key TEXT NOT NULL,
    -- Of the request that came with the key, so that another one is told apart.
    request_sha256 TEXT NOT NULL,
    -- The message that it made.
    message_id TEXT NOT NULL,
    -- When that was sent or failed, milliseconds since 1970. NULL: it waits.
    ended_at INTEGER,
    PRIMARY KEY (session_id, key)
) STRICT;

CREATE INDEX idempotency_by_message ON idempotency (session_id, message_id);

CREATE INDEX idempotency_by_age ON idempotency (ended_at);

-- Chats in which there was a message: a first message is checked, and sent at another pace.
CREATE TABLE chats (
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    -- The address by number or the LID: a chat with both has a row for each.
    chat TEXT NOT NULL,
    -- 1: the other side wrote.
    has_answered INTEGER NOT NULL,
    PRIMARY KEY (session_id, chat)
) STRICT;

INSERT INTO chats (session_id, chat, has_answered)
SELECT session_id, chat, CASE WHEN MIN(from_me) = 0 THEN 1 ELSE 0 END
FROM messages
GROUP BY session_id, chat;

INSERT INTO chats (session_id, chat, has_answered)
SELECT session_id, chat_lid, CASE WHEN MIN(from_me) = 0 THEN 1 ELSE 0 END
FROM messages
WHERE chat_lid IS NOT NULL AND chat_lid <> chat
GROUP BY session_id, chat_lid
ON CONFLICT (session_id, chat) DO NOTHING;

-- What WhatsApp said of numbers.
CREATE TABLE contacts (
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    -- Digits.
    number TEXT NOT NULL,
    -- NULL: not known.
    lid TEXT,
    -- Whether the number has WhatsApp. NULL: nobody asked.
    is_there INTEGER,
    name TEXT,
    -- When WhatsApp was asked, milliseconds since 1970.
    checked_at INTEGER,
    PRIMARY KEY (session_id, number)
) STRICT;

CREATE INDEX contacts_by_lid ON contacts (session_id, lid);

-- Messages of one chat are read in this order.
CREATE INDEX messages_of_chat ON messages (session_id, chat, place);

DROP VIEW sessions_with_qrs;

-- WhatsApp lets the account begin no chats. NULL: it does.
ALTER TABLE sessions ADD COLUMN restriction TEXT;

-- Milliseconds since 1970.
ALTER TABLE sessions ADD COLUMN restricted_until INTEGER;

CREATE VIEW sessions_with_qrs AS
SELECT
    id, name, device_name, proxy, status, reason_code, reason_detail, phone_number, push_name,
    sessions.epoch AS epoch, have, node, token, created_at, updated_at, connected_at, linked_at, last_place,
    restriction, restricted_until,
    payload, ordinal, qrs.epoch AS qr_epoch, issued_at, expires_at, shown_expires_at, boot_id
FROM sessions
LEFT JOIN qrs ON session_id = id;
