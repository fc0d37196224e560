-- When the account was last linked, kept beyond a logout: a link to scan with, sent out before, is done with.

ALTER TABLE sessions ADD COLUMN linked_at INTEGER;
