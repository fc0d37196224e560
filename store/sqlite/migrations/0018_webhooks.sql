-- Webhooks, and how far each has got in the event log: one cursor for each session, not a row for each delivery.

CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    url TEXT NOT NULL,
    -- Types of events, with spaces between them; NULL: all that are logged.
    types TEXT,
    -- Ids of sessions, with spaces between them; NULL: every session.
    sessions TEXT,
    -- JSON: headers that each delivery carries. They may be secrets.
    headers TEXT NOT NULL,
    secret TEXT NOT NULL,
    -- The secret before the last rotation, and until when it still signs: milliseconds since 1970.
    old_secret TEXT,
    old_until INTEGER,
    -- Seconds.
    give_up_after INTEGER NOT NULL,
    -- Why nothing is delivered; NULL: it is.
    disabled TEXT,
    -- Since when nothing arrives, milliseconds since 1970, and why; NULL: it does.
    failing_since INTEGER,
    failure TEXT,
    -- The number of the newest event when the webhook was made: deliveries begin behind it.
    first INTEGER NOT NULL,
    -- Grows with each change by a caller.
    version INTEGER NOT NULL,
    -- Milliseconds since 1970.
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE lanes (
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    -- The session may be deleted by now.
    session_id TEXT NOT NULL,
    -- The number of the last event that is delivered, dead or not wanted.
    done INTEGER NOT NULL,
    -- Failed tries of the event behind it.
    tries INTEGER NOT NULL,
    -- When it is tried again, milliseconds since 1970.
    next_at INTEGER NOT NULL,
    -- Why the last try failed.
    error TEXT,
    -- Events that are older count as old as this: milliseconds since 1970.
    since INTEGER NOT NULL,
    -- Grows with each replay: what is in flight meanwhile moves no cursor.
    version INTEGER NOT NULL,
    PRIMARY KEY (webhook_id, session_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE dead (
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    -- The number of the event.
    event INTEGER NOT NULL,
    session_id TEXT NOT NULL,
    tries INTEGER NOT NULL,
    error TEXT NOT NULL,
    -- Milliseconds since 1970.
    at INTEGER NOT NULL,
    -- Whether a caller asked for one more try.
    replay INTEGER NOT NULL,
    PRIMARY KEY (webhook_id, event)
) STRICT, WITHOUT ROWID;

-- The last tries of each webhook.
CREATE TABLE tries (
    number INTEGER PRIMARY KEY,
    webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event_id TEXT NOT NULL,
    type TEXT NOT NULL,
    session_id TEXT,
    -- Which try of its event, from 1.
    ordinal INTEGER NOT NULL,
    -- Milliseconds since 1970.
    at INTEGER NOT NULL,
    -- Milliseconds.
    took INTEGER NOT NULL,
    -- The status that the webhook answered; NULL: none.
    status INTEGER,
    -- Why it failed; NULL: it was delivered.
    error TEXT
) STRICT;

CREATE INDEX tries_of_webhook ON tries (webhook_id, number);
