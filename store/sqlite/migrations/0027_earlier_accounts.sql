-- A session may be linked to another account. What the accounts before it sent and got is not of that one: it can
-- neither change it nor answer it.

DROP VIEW sessions_with_qrs;

-- The number of the account that was linked last; a logout keeps it. NULL: none was.
ALTER TABLE sessions ADD COLUMN account TEXT;

UPDATE sessions SET account = phone_number;

-- The place of the last message of the accounts before that one.
ALTER TABLE sessions ADD COLUMN earlier_place INTEGER NOT NULL DEFAULT 0;

CREATE VIEW sessions_with_qrs AS
SELECT
    id, name, device_name, proxy, status, reason_code, reason_detail, phone_number, account, push_name,
    sessions.epoch AS epoch, have, node, token, created_at, updated_at, connected_at, linked_at, last_place,
    restriction, restricted_until, is_restored, begins_after, earlier_place,
    payload, ordinal, qrs.epoch AS qr_epoch, issued_at, expires_at, shown_expires_at, boot_id
FROM sessions
LEFT JOIN qrs ON session_id = id;
