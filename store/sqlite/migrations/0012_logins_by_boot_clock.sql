-- The boot clock decides when a login ends, because the wall clock may be stepped. After a reboot wall time does.

-- Boot clock, seconds.
ALTER TABLE logins ADD COLUMN until REAL NOT NULL DEFAULT 0;

-- The boot whose clock that is; empty for logins of an earlier version.
ALTER TABLE logins ADD COLUMN boot_id TEXT NOT NULL DEFAULT '';
