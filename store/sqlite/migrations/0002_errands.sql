-- What a front that does not own the pipes asks of the one that does. A row lives as long as its request.

CREATE TABLE errands (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL,
    verb TEXT NOT NULL,
    argument TEXT NOT NULL,             -- JSON
    until REAL NOT NULL,                -- boot clock, seconds: nobody waits any longer
    boot_id TEXT NOT NULL,
    answer TEXT                         -- JSON; NULL: not done yet
) STRICT;
