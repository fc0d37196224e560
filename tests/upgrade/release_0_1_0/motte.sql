BEGIN TRANSACTION;
CREATE TABLE errands (
    id INTEGER PRIMARY KEY,
    session_id TEXT NOT NULL,
    verb TEXT NOT NULL,
    argument TEXT NOT NULL,             -- JSON
    until REAL NOT NULL,                -- boot clock, seconds: nobody waits any longer
    boot_id TEXT NOT NULL,
    answer TEXT                         -- JSON; NULL: not done yet
) STRICT;
CREATE TABLE keys (
    name TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    scopes TEXT NOT NULL,
    created_at INTEGER NOT NULL
, sessions TEXT, last_used_at INTEGER) STRICT;
INSERT INTO "keys" VALUES('environment','ef3fd70446baec9ec9f057a5c851625d29210bb77d23d3153f99b8e1b0eb0b16','admin',1796028646926,NULL,1796028657798);
INSERT INTO "keys" VALUES('reader','3af921c81277e54133634f1004f95f976e348818f834a8c55d4d58eadf04dbe4','sessions:read',1796028658385,NULL,NULL);
CREATE TABLE leases (
    session_id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    token INTEGER NOT NULL,
    expires_at REAL NOT NULL,
    boot_id TEXT NOT NULL
) STRICT;
INSERT INTO "leases" VALUES('shop','66f17749f47018f6',1,0.0,'d720f4bb-9fc8-42cc-bc4b-9a7e08f49789');
INSERT INTO "leases" VALUES('Cafe','66f17749f47018f6',1,0.0,'d720f4bb-9fc8-42cc-bc4b-9a7e08f49789');
INSERT INTO "leases" VALUES('new','66f17749f47018f6',1,0.0,'d720f4bb-9fc8-42cc-bc4b-9a7e08f49789');
CREATE TABLE logins (
    -- Of the token, which is nowhere.
    sha256 TEXT PRIMARY KEY,
    key_sha256 TEXT NOT NULL REFERENCES keys (sha256) ON DELETE CASCADE,
    -- Milliseconds since 1970.
    expires_at INTEGER NOT NULL
) STRICT;
CREATE TABLE messages (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    session_id TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    id TEXT NOT NULL,                   -- WhatsApp's
    chat TEXT NOT NULL,
    sender TEXT NOT NULL,
    from_me INTEGER NOT NULL,
    push_name TEXT,
    sent_at INTEGER NOT NULL,           -- milliseconds since 1970, as is received_at
    received_at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    text TEXT
) STRICT;
INSERT INTO "messages" VALUES(1,'shop','sandbox-348d4de5990d','4915112345678@s.whatsapp.net','4915112345678@s.whatsapp.net',0,'Bo',1796028654000,1796028654742,'text','Message 0');
INSERT INTO "messages" VALUES(2,'shop','sandbox-d3c87f307f67','4915112345678@s.whatsapp.net','4915112345678@s.whatsapp.net',0,'Bo',1796028654000,1796028654771,'text','Message 1');
INSERT INTO "messages" VALUES(3,'shop','sandbox-f2881db68a2e','4915112345678@s.whatsapp.net','4915112345678@s.whatsapp.net',0,'Bo',1796028654000,1796028654781,'text','Message 2');
CREATE TABLE qrs (
    session_id TEXT PRIMARY KEY REFERENCES sessions (id) ON DELETE CASCADE,
    payload TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    epoch INTEGER NOT NULL,
    issued_at REAL NOT NULL,
    expires_at REAL NOT NULL,
    shown_expires_at INTEGER NOT NULL,
    boot_id TEXT NOT NULL
) STRICT;
INSERT INTO "qrs" VALUES('new','https://wa.me/settings/linked_devices#2@XwjiZ841ktn5TaU0tKDsdDMDyVIi1nOWU/hY7SDiyJGo,Q8qodKZfzvQw1IMmnx0mKBZHQVBC+P6R9BnjkiqUuW0=,N02XkRTHH5N3Mi92poX7YJgj05neNoYhu+R7Oous2GQ=,5VbuZTVki2f1QQxyhyDKmdY8ugqJVDYkpqmqk0jbOk0=,1',1,1,3028.09,3088.09,1796028717775,'d720f4bb-9fc8-42cc-bc4b-9a7e08f49789');
CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    name TEXT,
    status TEXT NOT NULL,
    reason_code TEXT,
    reason_detail TEXT,
    phone_number TEXT,
    push_name TEXT,
    epoch INTEGER NOT NULL,
    have INTEGER NOT NULL,
    node TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    connected_at INTEGER, linked_at INTEGER,
    CHECK ((reason_code IS NULL) = (reason_detail IS NULL))
) STRICT;
INSERT INTO "sessions" VALUES('shop','The shop','connected',NULL,NULL,'15551234567','Ann',2,5,'local',1796028652901,1796028654245,1796028654245,1796028654245);
INSERT INTO "sessions" VALUES('Cafe',NULL,'stopped',NULL,NULL,NULL,NULL,1,0,'local',1796028656732,1796028657286,NULL,NULL);
INSERT INTO "sessions" VALUES('new',NULL,'qr_waiting',NULL,NULL,NULL,NULL,1,0,'local',1796028657293,1796028657783,NULL,NULL);
CREATE INDEX sessions_in_order ON sessions (created_at, id);
CREATE VIEW sessions_with_qrs AS
SELECT sessions.*, payload, ordinal, qrs.epoch AS qr_epoch, issued_at, expires_at, shown_expires_at, boot_id
FROM sessions
LEFT JOIN qrs ON session_id = id;
CREATE INDEX messages_in_order ON messages (session_id, number);
CREATE INDEX messages_by_age ON messages (received_at);
CREATE INDEX logins_of_keys ON logins (key_sha256);
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('messages',3);
COMMIT;
PRAGMA user_version = 6;
