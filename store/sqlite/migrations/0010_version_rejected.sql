-- A session whose version WhatsApp rejected waits for another version now, and no longer for a person.

UPDATE sessions
SET status = CASE WHEN phone_number IS NULL THEN 'starting' ELSE 'disconnected' END
WHERE status = 'failed' AND reason_code = 'version-rejected';
