-- A browser is logged in with a key, and shows a token of its own instead of the key from then on.

CREATE TABLE logins (
    -- Of the token, which is nowhere.
    sha256 TEXT PRIMARY KEY,
    -- A key that is revoked takes its logins along.
    key_sha256 TEXT NOT NULL REFERENCES keys (sha256) ON DELETE CASCADE,
    -- Milliseconds since 1970.
    expires_at INTEGER NOT NULL
) STRICT;

CREATE INDEX logins_of_keys ON logins (key_sha256);
