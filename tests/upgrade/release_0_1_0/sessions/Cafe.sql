BEGIN TRANSACTION;
CREATE TABLE credentials (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
INSERT INTO "credentials" VALUES('creds','','{"noiseKey":{"private":{"type":"Buffer","data":"uIoPc7UnqiFHUe4BOUDrBvS4QLk2XyHQYGEH6cJCom0="},"public":{"type":"Buffer","data":"aB9to8/ooMB9S4sYgLgPAkwks+GQuPaREf2WGS26Uxs="}},"pairingEphemeralKeyPair":{"private":{"type":"Buffer","data":"eGFYD/8KRmQIWIM7N57SzqaWPArEwleWqKSFRAI5l0o="},"public":{"type":"Buffer","data":"ipdeSFl3B27U2l7oXr13LTh7YD4HjWZL9wncaSHKWjI="}},"signedIdentityKey":{"private":{"type":"Buffer","data":"gDR2m+f0tFMCKgdtFBcTEgz+xRJ2QOv0FsvfiTft1XU="},"public":{"type":"Buffer","data":"EKIDwI7J+kEyx/attsjmS1wyYTD+TaLLvjGpqkTCbGQ="}},"signedPreKey":{"keyPair":{"private":{"type":"Buffer","data":"2Gb8cjZvTOLXLGhxwS2xTdgRVtePaNNfRl24DQK/CkY="},"public":{"type":"Buffer","data":"QZ7SWwJ4XGKiLUYHzPg/1hMbQbJJVopXP75GMXhgKh4="}},"signature":{"type":"Buffer","data":"JTK0WV3wYCR37boIpXWp662wbJq6qMHwtQNGBnTuS99mbeTgups7VzcJ6BsYoU1z9odf8lbO5GMZe9aO0VRviA=="},"keyId":1},"registrationId":242,"advSecretKey":"Sn2Y61PmLBoOdu/qeezg5X27+qL6p4TRTaRuzI1VW60=","processedHistoryMessages":[],"nextPreKeyId":1,"firstUnuploadedPreKeyId":1,"accountSyncCounter":0,"accountSettings":{"unarchiveChats":false},"registered":false}');
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
