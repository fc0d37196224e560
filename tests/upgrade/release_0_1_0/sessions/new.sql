BEGIN TRANSACTION;
CREATE TABLE credentials (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
INSERT INTO "credentials" VALUES('creds','','{"noiseKey":{"private":{"type":"Buffer","data":"wMe7r7JvoDwRnf0x0YP4L8MwgIRuUvgrrS7Bdpyl5VY="},"public":{"type":"Buffer","data":"Q8qodKZfzvQw1IMmnx0mKBZHQVBC+P6R9BnjkiqUuW0="}},"pairingEphemeralKeyPair":{"private":{"type":"Buffer","data":"WIrf9IVobeVyApGoEpNP/+50PDUEq7y9t+MW/HaKeUI="},"public":{"type":"Buffer","data":"+6WsHEZ255s2YCa0Gd4vbezHJroKMR8gjFVwDugWUGU="}},"signedIdentityKey":{"private":{"type":"Buffer","data":"AMcaKNBUY1M5QQaAtwN8sRBg8/qAIORXumjbyx4uqVs="},"public":{"type":"Buffer","data":"N02XkRTHH5N3Mi92poX7YJgj05neNoYhu+R7Oous2GQ="}},"signedPreKey":{"keyPair":{"private":{"type":"Buffer","data":"0OdLHLsnayCfazgBK7wRLt1LzrZeWaUnfzUT0yh+PkM="},"public":{"type":"Buffer","data":"POS4JgD+mUdr0C7NjVIhCL/WT2DluSSEnXfiOnd81VE="}},"signature":{"type":"Buffer","data":"c1URLnvVgs46LTQI2agvPYihl7bZhBqscQqQuvP7tJHqIessw31Q4aE9KfJu6IKsJhrRYToO9VGusOMiC61eCg=="},"keyId":1},"registrationId":103,"advSecretKey":"5VbuZTVki2f1QQxyhyDKmdY8ugqJVDYkpqmqk0jbOk0=","processedHistoryMessages":[],"nextPreKeyId":1,"firstUnuploadedPreKeyId":1,"accountSyncCounter":0,"accountSettings":{"unarchiveChats":false},"registered":false}');
CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value ANY
  ) STRICT, WITHOUT ROWID;
INSERT INTO "facts" VALUES('epoch',1.0);
CREATE TABLE received (
    number INTEGER PRIMARY KEY,
    chat TEXT NOT NULL,
    id TEXT NOT NULL,
    UNIQUE (chat, id)
  ) STRICT;
CREATE TABLE spool (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL
  ) STRICT;
DELETE FROM "sqlite_sequence";
COMMIT;
PRAGMA user_version = 2;
