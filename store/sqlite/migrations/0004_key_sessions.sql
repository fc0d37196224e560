-- A key may be bound to named sessions, and it is known whether anybody still uses it.

-- Ids with spaces between them; NULL: the key is bound to none and reaches all. They need not exist.
ALTER TABLE keys ADD COLUMN sessions TEXT;

-- Milliseconds since 1970, written at most once a minute; NULL: not used yet.
ALTER TABLE keys ADD COLUMN last_used_at INTEGER;
