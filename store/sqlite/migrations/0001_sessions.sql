-- Sessions with their codes, the leases to refresh them, and API keys.
-- Moments named created_at, updated_at, connected_at and shown_… are milliseconds since 1970;
-- issued_at and expires_at are seconds of the boot clock that boot_id names.

CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    name TEXT,
    status TEXT NOT NULL,
    reason_code TEXT,
    reason_detail TEXT,
    phone_number TEXT,
    push_name TEXT,
    epoch INTEGER NOT NULL,
    have INTEGER NOT NULL,
    node TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    connected_at INTEGER,
    CHECK ((reason_code IS NULL) = (reason_detail IS NULL))
) STRICT;

-- Pages of sessions are read in this order.
CREATE INDEX sessions_in_order ON sessions (created_at, id);

CREATE TABLE qrs (
    session_id TEXT PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    payload TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    issued_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    shown_expires_at INTEGER NOT NULL,
    boot_id TEXT NOT NULL
) STRICT;

-- A session with its newest code.
CREATE VIEW sessions_with_qrs AS
SELECT sessions.*, payload, ordinal, qrs.epoch AS qr_epoch, issued_at, expires_at, shown_expires_at, boot_id
FROM sessions
LEFT JOIN qrs ON session_id = id;

-- No reference to sessions: the token must grow even if a session is deleted and made again.
CREATE TABLE leases (
    session_id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    token INTEGER NOT NULL,
    expires_at REAL NOT NULL,
    boot_id TEXT NOT NULL
) STRICT;

CREATE TABLE keys (
    name TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
