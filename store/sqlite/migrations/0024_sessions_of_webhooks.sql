-- The id of a deleted session may be given to another one. A webhook of a key that is gone must not follow it there.

-- The key that is bound to sessions and changed the webhook last: when it was made, milliseconds since 1970, a space
-- and its name. NULL: a key for every session did, or one from before this column.
ALTER TABLE webhooks ADD COLUMN maker TEXT;

-- JSON: for each session that the webhook names, the number behind which it has events of it. '{}': from before this
-- column.
ALTER TABLE webhooks ADD COLUMN begins TEXT NOT NULL DEFAULT '{}';
