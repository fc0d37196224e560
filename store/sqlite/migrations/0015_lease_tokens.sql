-- The row of a lease goes with its session: tokens grow over all leases, so that none comes back with a later row.

CREATE TABLE lease_tokens (
    -- The one row.
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- The newest token of any lease.
    token INTEGER NOT NULL
) STRICT;

INSERT INTO lease_tokens (id, token) SELECT 1, COALESCE(MAX(token), 0) FROM leases;

DELETE FROM leases WHERE session_id NOT IN (SELECT id FROM sessions);
