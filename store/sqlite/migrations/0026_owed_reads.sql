-- A message that a caller has marked as read is owed to WhatsApp until WhatsApp has confirmed it: the process or
-- the link may end before that.

CREATE TABLE owed_reads (
    -- The message.
    number INTEGER PRIMARY KEY REFERENCES messages (number) ON DELETE CASCADE,
    session_id TEXT NOT NULL
) STRICT;

CREATE INDEX owed_reads_of_session ON owed_reads (session_id, number);
