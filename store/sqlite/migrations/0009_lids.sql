-- A chat and a sender have two addresses: by number, and by LID. The LID is kept next to the number; NULL: not known.

ALTER TABLE messages ADD COLUMN chat_lid TEXT;
ALTER TABLE messages ADD COLUMN sender_lid TEXT;

-- Messages that could not be read are found by this when a copy comes that can. Few rows are in it.
CREATE INDEX messages_undecryptable ON messages (session_id, id) WHERE kind = 'undecryptable';
