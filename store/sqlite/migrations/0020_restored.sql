-- A restore takes back which keys were used: the next connector of a session must be told before it sends.

DROP VIEW sessions_with_qrs;

-- 1: the session came from a backup, and no connector has been told yet.
ALTER TABLE sessions ADD COLUMN is_restored INTEGER NOT NULL DEFAULT 0;

CREATE VIEW sessions_with_qrs AS
SELECT
    id, name, device_name, proxy, status, reason_code, reason_detail, phone_number, push_name,
    sessions.epoch AS epoch, have, node, token, created_at, updated_at, connected_at, linked_at, last_place,
    restriction, restricted_until, is_restored,
    payload, ordinal, qrs.epoch AS qr_epoch, issued_at, expires_at, shown_expires_at, boot_id
FROM sessions
LEFT JOIN qrs ON session_id = id;
