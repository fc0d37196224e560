-- An id may be that of another session by now, while the log still has events of the earlier one. Who came after
-- that one must not read them.

DROP VIEW sessions_with_qrs;

-- The number of the newest event when the session was made. 0: it is older than this column.
ALTER TABLE sessions ADD COLUMN begins_after INTEGER NOT NULL DEFAULT 0;

CREATE VIEW sessions_with_qrs AS
SELECT
    id, name, device_name, proxy, status, reason_code, reason_detail, phone_number, push_name,
    sessions.epoch AS epoch, have, node, token, created_at, updated_at, connected_at, linked_at, last_place,
    restriction, restricted_until, is_restored, begins_after,
    payload, ordinal, qrs.epoch AS qr_epoch, issued_at, expires_at, shown_expires_at, boot_id
FROM sessions
LEFT JOIN qrs ON session_id = id;

-- The number of the newest event when the key was made. 0: it is older than this column.
ALTER TABLE keys ADD COLUMN first_event INTEGER NOT NULL DEFAULT 0;
