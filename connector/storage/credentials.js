// @ts-check
/**
 * Credentials of this device: Baileys' auth state, in connector.db.
 *
 * Every write is synchronous and one transaction. Baileys emits `creds.update` before it signs a pairing. The credentials are on the
 * disk when that handler returns, so a kill in between loses no pairing.
 */

import { BufferJSON, initAuthCreds, jidDecode, proto } from 'baileys'
import { short } from '../ipc/bounds.js'
import { DatabaseCorrupted } from '../process/exit_codes.js'
import { deferKeys } from './deferred_keys.js'
import { createSessionCache } from './session_cache.js'

/** @typedef {import('./database.js').ConnectorDatabase} ConnectorDatabase */
/** @typedef {import('baileys').AuthenticationCreds} Creds */
/** @typedef {{phoneNumber: string | null, pushName: string | null}} Account */
/** @typedef {ReturnType<typeof openCredentials>} Credentials */

/** Name of the account while a pairing code waits to be typed. */
export const PLACEHOLDER_NAME = '~'

/** Kind of Signal sessions. */
const SESSION = 'session'

/** How the text of a Signal session begins: libsignal makes plain JSON of it, in which no bytes are looked for. */
const SESSION_BEGINS = '{"_sessions":'

/**
 * @param {ConnectorDatabase} database
 * @param {Creds} [fresh] those of a new device, if the database has none
 */
export function openCredentials(database, fresh) {
  const table = openTable(database)
  const creds = loadCreds(table, fresh)
  const save = () => table.write([['creds', '', creds]])
  const keys = deferKeys(keyStore(table))
  return {
    /** For Baileys, which changes `creds` in place. */
    state: { creds, keys: /** @type {import('baileys').SignalKeyStore} */ (keys) },
    save,
    /**
     * Calls `send` once the keys that wait for the next frame, and all else that was written, are on the disk: at the end of this
     * turn of the event loop at the latest. Nothing may leave before that.
     * @param {() => void} send
     */
    onceSaved(send) {
      keys.flush()
      database.afterCommit(send)
    },
    /** Whether this device is linked to an account. `registered` does not say so: it stays false after a pairing by QR. */
    isPaired: () => Boolean(creds.account),
    /** @returns {Account} */
    account: () => (creds.account ? accountOf(creds) : { phoneNumber: null, pushName: null }),
    wipe() {
      keys.forget()
      table.wipe()
    },
    /**
     * Forgets the Signal sessions and the account's own sender keys, because the folder is older than what was sent with them.
     * Sender keys of others stay: they only open messages.
     */
    forgetSessions() {
      keys.forget()
      table.forgetSessions([creds.me?.id, creds.me?.lid].flatMap(jid => jidDecode(jid)?.user ?? []))
    }
  }
}

/**
 * @param {Pick<Creds, 'me'>} creds
 * @returns {Account}
 */
export function accountOf({ me }) {
  const phoneNumber = /^\d{1,15}(?!\d)/.exec(me?.id ?? '')?.[0] ?? null
  const pushName = me?.name && me.name !== PLACEHOLDER_NAME ? short(me.name) : null
  return { phoneNumber, pushName }
}

/**
 * Loads the stored credentials, or makes new ones. Unreadable credentials end the process: new ones in their place would silently
 * unlink the account. Throws DatabaseCorrupted.
 * @param {ReturnType<typeof openTable>} table
 * @param {Creds} [fresh]
 * @returns {Creds}
 */
function loadCreds(table, fresh) {
  const stored = table.read('creds', '')
  if (stored !== undefined && !areCreds(stored)) throw new DatabaseCorrupted('the credentials lack a key')
  const creds = stored ? withoutAbandonedCode(stored) : (fresh ?? initAuthCreds())
  table.write([['creds', '', creds]])
  return creds
}

/** Whether all keys are there that Baileys needs for a login. @param {any} stored */
function areCreds(stored) {
  const pairs = [stored?.noiseKey, stored?.signedIdentityKey, stored?.signedPreKey?.keyPair]
  return pairs.every(pair => pair?.private?.length === 32) && Number.isInteger(stored.registrationId)
}

/**
 * Removes a pairing code that nobody typed. A request for one sets `me` at once, and Baileys would log in with it.
 * @param {Creds} creds
 * @returns {Creds}
 */
function withoutAbandonedCode(creds) {
  if (creds.account) return creds
  return { ...creds, me: undefined, registered: false, pairingCode: undefined }
}

/** @param {ConnectorDatabase} database */
function openTable({ connection, transaction, soon, onUndo, guarded }) {
  const select = connection.prepare('SELECT value FROM credentials WHERE kind = :kind AND id = :id')
  const insert = connection.prepare('INSERT OR REPLACE INTO credentials (kind, id, value) VALUES (:kind, :id, :value)')
  const remove = connection.prepare('DELETE FROM credentials WHERE kind = :kind AND id = :id')
  const forgetSenderKeys = connection.prepare(
    "DELETE FROM credentials WHERE kind = 'sender-key' AND (id LIKE :pn OR id LIKE :lid ESCAPE '!')"
  )
  const sessions = createSessionCache()
  onUndo(sessions.clear)
  let isWiped = false

  /** @param {string} id */
  function readSession(id) {
    const row = guarded(() => select.get({ kind: SESSION, id }))
    if (!row) return undefined
    const text = String(row.value)
    const session = parsed(text)
    sessions.keep(id, session, text.length)
    return session
  }

  return {
    /** @param {string} kind @param {string} id */
    read(kind, id) {
      if (kind === SESSION) return sessions.get(id) ?? readSession(id)
      const row = guarded(() => select.get({ kind, id }))
      return row && parsed(String(row.value))
    },
    /**
     * @param {Array<[kind: string, id: string, value: unknown]>} rows a value of null removes its row
     * @param {{isSoon?: boolean}} [options] isSoon: they may share a write to the disk with what follows
     */
    write(rows, { isSoon = false } = {}) {
      if (isWiped) return // A socket that is being closed may still save credentials of the account that was unlinked.
      const within = isSoon ? soon : transaction
      within(() => {
        for (const [kind, id, value] of rows) {
          if (value === null || value === undefined) {
            if (kind === SESSION) sessions.drop(id)
            remove.run({ kind, id })
            continue
          }
          const text = asText(value)
          insert.run({ kind, id, value: text })
          if (kind === SESSION) sessions.keep(id, value, text.length)
        }
      })
    },
    wipe() {
      sessions.clear()
      connection.exec('DELETE FROM credentials; DELETE FROM secrets; DELETE FROM unlinked')
      isWiped = true
    },
    /** @param {string[]} users of the account itself */
    forgetSessions(users) {
      sessions.clear()
      transaction(() => {
        connection.exec("DELETE FROM credentials WHERE kind IN ('session', 'sender-key-memory')")
        // An id names the group, the member and the device: `1203…@g.us::1555…::5`. A LID has `_1` behind it.
        for (const user of users) forgetSenderKeys.run({ pn: `%::${user}::%`, lid: `%::${user}!_1::%` })
      })
    }
  }
}

/** @param {any} value @returns {string} */
const asText = value => (value._sessions ? JSON.stringify(value) : JSON.stringify(value, BufferJSON.replacer))

/** @param {string} text */
function parsed(text) {
  try {
    return text.startsWith(SESSION_BEGINS) ? JSON.parse(text) : JSON.parse(text, BufferJSON.reviver)
  } catch {
    throw new DatabaseCorrupted('a row of the credentials cannot be read') // the cause would quote it
  }
}

/** @param {ReturnType<typeof openTable>} table */
function keyStore(table) {
  /** @type {import('baileys').SignalKeyStore['get']} */
  const get = (kind, ids) => {
    const found = ids.map(id => [id, revived(kind, table.read(kind, id))])
    return Object.fromEntries(found.filter(([, value]) => value !== undefined))
  }
  return {
    get,
    /** @type {import('baileys').SignalKeyStore['set']} */
    set: changes => table.write(rowsOf(changes)),
    /** @type {import('baileys').SignalKeyStore['set']} */
    setSoon: changes => table.write(rowsOf(changes), { isSoon: true })
  }
}

/** @param {Parameters<import('baileys').SignalKeyStore['set']>[0]} changes */
const rowsOf = changes =>
  Object.entries(changes).flatMap(([kind, values]) =>
    Object.entries(values ?? {}).map(([id, value]) => /** @type {[string, string, unknown]} */ ([kind, id, value]))
  )

/** Restores the type of a value. Baileys compares this one kind as a protobuf object. @param {string} kind @param {any} value */
function revived(kind, value) {
  return kind === 'app-state-sync-key' && value ? proto.Message.AppStateSyncKeyData.fromObject(value) : value
}
