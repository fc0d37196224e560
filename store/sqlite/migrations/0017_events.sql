-- The event log: what happened, in one order, for streams, for webhooks, and for callers that poll. An event is
-- written in the transaction of the change that it reports.

CREATE TABLE event_log (
    -- The one row.
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- Names this log in its cursors: those of another log, such as one before a restore, mean nothing here.
    name TEXT NOT NULL,
    -- The key with which cursors hide the numbers of events.
    secret TEXT NOT NULL,
    -- The number of the newest event. Each event changes this row, so numbers become visible in their order.
    last INTEGER NOT NULL,
    -- The number of the newest event that was removed.
    forgotten INTEGER NOT NULL
) STRICT;

CREATE TABLE events (
    number INTEGER PRIMARY KEY,
    -- Random text. A restore takes numbers back, but no id.
    id TEXT NOT NULL,
    -- As callers see it: a restore changes the key, but no event.
    cursor TEXT NOT NULL,
    -- The session may be deleted by now.
    session_id TEXT NOT NULL,
    type TEXT NOT NULL,
    -- Milliseconds since 1970.
    at INTEGER NOT NULL,
    -- Bytes that the event takes, about.
    size INTEGER NOT NULL,
    -- JSON.
    data TEXT NOT NULL
) STRICT;

-- Events of some sessions, or of some types, are found without reading the others.
CREATE INDEX events_of_session ON events (session_id, number, type);

-- What the log holds of each session: it is bounded, and a caller that sees few sessions loses nothing by others.
CREATE TABLE event_totals (
    session_id TEXT PRIMARY KEY,
    kept INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    -- The number of the newest event of the session that was removed.
    forgotten INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
