-- What each session is linked with: the name that the phone lists, and the way to WhatsApp.

-- NULL: the default.
ALTER TABLE sessions ADD COLUMN device_name TEXT;

-- URL, which may hold a password; NULL: none of its own.
ALTER TABLE sessions ADD COLUMN proxy TEXT;
