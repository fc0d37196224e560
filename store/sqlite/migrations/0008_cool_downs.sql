-- WhatsApp refused to register a device: how long the next try waits, so that a new front does not begin with one.

CREATE TABLE cool_downs (
    -- The session; empty for the whole host.
    session_id TEXT PRIMARY KEY,
    -- In a row: each one makes the next cool-down longer.
    refusals INTEGER NOT NULL,
    -- Why WhatsApp refused the last time.
    reason_code TEXT NOT NULL,
    reason_detail TEXT NOT NULL,
    -- Seconds that the cool-down lasts in all.
    length REAL NOT NULL,
    -- Boot clock, seconds.
    until REAL NOT NULL,
    -- The same moment in milliseconds since 1970: it counts only after another boot.
    until_wall INTEGER NOT NULL,
    boot_id TEXT NOT NULL
) STRICT;
