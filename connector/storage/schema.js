// @ts-check
/** Schema of connector.db: what each version adds to the one before it. */

const MIGRATIONS = [
  `CREATE TABLE facts (
    name TEXT PRIMARY KEY,
    value ANY
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE credentials (
    kind TEXT NOT NULL,
    id TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (kind, id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE spool (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    event TEXT NOT NULL
  ) STRICT;`,
  // Messages that were spooled, so that the next delivery of one is recognized.
  `CREATE TABLE received (
    number INTEGER PRIMARY KEY,
    chat TEXT NOT NULL,
    id TEXT NOT NULL,
    UNIQUE (chat, id)
  ) STRICT;`,
  // Two members of a group may use one id, so the sender counts. The addresses are those of the first copy's stanza, before any
  // mapping. Rows of the older schema have no sender. `opened`: protocol messages. `unreadable`: messages without a readable copy.
  `CREATE TABLE received_by_sender (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    chat TEXT NOT NULL,
    sender TEXT,
    UNIQUE (id, chat, sender)
  ) STRICT;
  INSERT INTO received_by_sender (number, id, chat) SELECT number, id, chat FROM received;
  DROP TABLE received;
  ALTER TABLE received_by_sender RENAME TO received;
  CREATE TABLE opened (
    number INTEGER PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE
  ) STRICT;
  CREATE TABLE unreadable (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    chat TEXT NOT NULL,
    sender TEXT NOT NULL,
    copies INTEGER NOT NULL,
    since INTEGER NOT NULL, -- milliseconds since 1970
    message TEXT, -- JSON; NULL: the front was told
    UNIQUE (id, chat, sender)
  ) STRICT;`,
  // Secrets of messages: edits, votes and reactions that come later are encrypted with them.
  `CREATE TABLE secrets (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL,
    chat TEXT NOT NULL,
    sender TEXT NOT NULL,
    secret BLOB NOT NULL,
    options TEXT -- JSON: the answers of a poll; NULL: no poll and no event
  ) STRICT;
  CREATE INDEX secrets_by_id ON secrets (id);`,
  // Messages that were sent: written before they are relayed, so that one is relayed again under the same id and as the same protobuf.
  `CREATE TABLE sent (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    chat TEXT NOT NULL, -- as the front names it
    message BLOB NOT NULL, -- protobuf
    state INTEGER NOT NULL, -- 0 prepared, 1 acknowledged by WhatsApp, 2 refused
    attempts INTEGER NOT NULL, -- how often it was relayed, or was about to be
    receipt INTEGER NOT NULL, -- 0 none, 1 delivered, 2 read, 3 played
    at INTEGER NOT NULL, -- milliseconds since 1970
    reason TEXT -- JSON; why it was refused
  ) STRICT;`,
  // Addresses that callers know without the other address of the same account.
  `CREATE TABLE unlinked (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  ) STRICT;`,
  // Events of the spool that the front does not understand, until one comes that does.
  `CREATE TABLE withheld (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    event TEXT NOT NULL
  ) STRICT;
  -- Texts are erased once they are old: the moment of a secret, milliseconds since 1970.
  ALTER TABLE secrets ADD COLUMN at INTEGER NOT NULL DEFAULT 0;
  UPDATE secrets SET at = unixepoch() * 1000;
  CREATE INDEX sent_by_age ON sent (at) WHERE message <> X'';`
]

/** The newest schema that this program understands. */
export const SCHEMA_VERSION = MIGRATIONS.length

/** @param {import('node:sqlite').DatabaseSync} connection */
export const versionOf = connection => Number(connection.prepare('PRAGMA user_version').get()?.user_version)

/** Brings the schema up to date, in one transaction. @param {import('node:sqlite').DatabaseSync} connection */
export function migrate(connection) {
  const version = versionOf(connection)
  if (version >= SCHEMA_VERSION) return
  connection.exec(`BEGIN; ${MIGRATIONS.slice(version).join('')} PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`)
}
