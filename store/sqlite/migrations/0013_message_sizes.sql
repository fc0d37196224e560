-- The messages of a session have a bound, and the oldest of the loudest chat go first: sizes by chat are needed.

-- Bytes that the message takes, about. Of messages of an earlier version it is counted by characters.
ALTER TABLE messages ADD COLUMN size INTEGER NOT NULL DEFAULT 0;

UPDATE messages SET size = 400 + COALESCE(LENGTH(text), 0);

-- Each size is in it: adding up the sizes of a session does not read its messages.
CREATE INDEX messages_by_chat ON messages (session_id, chat, number, size);
