-- Which front owns a session: the one that knows its token. A front that takes the pipes over makes the token
-- grow, and every write of an owner names it. In SQLite an INTEGER has 64 bits; elsewhere this is a BIGINT.

DROP VIEW sessions_with_qrs;

ALTER TABLE sessions ADD COLUMN token INTEGER NOT NULL DEFAULT 0;

-- Its columns are named: a view keeps those that `sessions.*` had when the view was made.
CREATE VIEW sessions_with_qrs AS
SELECT
    id, name, device_name, proxy, status, reason_code, reason_detail, phone_number, push_name,
    sessions.epoch AS epoch, have, node, token, created_at, updated_at, connected_at, linked_at,
    payload, ordinal, qrs.epoch AS qr_epoch, issued_at, expires_at, shown_expires_at, boot_id
FROM sessions
LEFT JOIN qrs ON session_id = id;
