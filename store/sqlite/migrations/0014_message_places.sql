-- A cursor shows a number to callers. `number` counts the messages of all sessions, so a caller that may see one
-- session could count those of the others: a place counts those of its own session.

ALTER TABLE messages ADD COLUMN place INTEGER NOT NULL DEFAULT 0;

-- The cursors that callers have stay right.
UPDATE messages SET place = number;

-- Pages of a session's messages are read in this order.
CREATE INDEX messages_in_place ON messages (session_id, place);

DROP INDEX messages_in_order;

DROP VIEW sessions_with_qrs;

-- The place of the last message that the session stored.
ALTER TABLE sessions ADD COLUMN last_place INTEGER NOT NULL DEFAULT 0;

-- 2^40: above every number that a cursor may have, and it says nothing of how many there were.
UPDATE sessions SET last_place = 1099511627776;

CREATE VIEW sessions_with_qrs AS
SELECT
    id, name, device_name, proxy, status, reason_code, reason_detail, phone_number, push_name,
    sessions.epoch AS epoch, have, node, token, created_at, updated_at, connected_at, linked_at, last_place,
    payload, ordinal, qrs.epoch AS qr_epoch, issued_at, expires_at, shown_expires_at, boot_id
FROM sessions
LEFT JOIN qrs ON session_id = id;
