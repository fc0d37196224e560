// @ts-check
/**
 * What makes this device one of an account's: Baileys' auth state, in connector.db.
 *
 * Every write is synchronous and one transaction. Baileys emits `creds.update` before it signs a pairing, so credentials
 * that are on the disk when that handler returns lose no pairing to a kill in between.
 */

import { BufferJSON, initAuthCreds, proto } from 'baileys'
import { RecordCorrupted } from '../process/exit_codes.js'

/** @typedef {import('./database.js').Record} Record */
/** @typedef {import('baileys').AuthenticationCreds} Creds */
/** @typedef {{phoneNumber: string | null, pushName: string | null}} Account */
/** @typedef {ReturnType<typeof openCredentials>} Credentials */

/** The name that an account has while it waits for a pairing code to be typed. */
export const NAMELESS = '~'

/** @param {Record} record */
export function openCredentials(record) {
  const table = openTable(record)
  const creds = loadCreds(table)
  const save = () => table.write([['creds', '', creds]])
  return {
    /** What Baileys works with. It changes `creds` in place. */
    state: { creds, keys: keyStore(table) },
    save,
    /** Linked to an account. `registered` does not say so: after a pairing by QR it stays false for ever. */
    isPaired: () => Boolean(creds.account),
    /** @returns {Account} */
    account: () => (creds.account ? accountOf(creds) : { phoneNumber: null, pushName: null }),
    wipe: () => table.wipe()
  }
}

/**
 * @param {Pick<Creds, 'me'>} creds
 * @returns {Account}
 */
export function accountOf({ me }) {
  const phoneNumber = /^\d+/.exec(me?.id ?? '')?.[0] ?? null
  const pushName = me?.name && me.name !== NAMELESS ? me.name : null
  return { phoneNumber, pushName }
}

/**
 * The stored credentials, or new ones. Unreadable ones end the process: taking them for none would silently
 * unlink the account. Throws RecordCorrupted.
 * @param {ReturnType<typeof openTable>} table
 * @returns {Creds}
 */
function loadCreds(table) {
  const stored = table.read('creds', '')
  if (stored !== undefined && !areCreds(stored)) throw new RecordCorrupted('the credentials lack a key')
  const creds = stored ? withoutAbandonedCode(stored) : initAuthCreds()
  table.write([['creds', '', creds]])
  return creds
}

/** Whether the keys are there without which Baileys would fail, or log in as nobody. @param {any} stored */
function areCreds(stored) {
  const pairs = [stored?.noiseKey, stored?.signedIdentityKey, stored?.signedPreKey?.keyPair]
  return pairs.every(pair => pair?.private?.length === 32) && Number.isInteger(stored.registrationId)
}

/**
 * Asking for a pairing code sets `me` at once, and Baileys would log in with it; without an account nobody typed the code.
 * @param {Creds} creds
 * @returns {Creds}
 */
function withoutAbandonedCode(creds) {
  if (creds.account) return creds
  return { ...creds, me: undefined, registered: false, pairingCode: undefined }
}

/** @param {Record} record */
function openTable({ database, transaction, guarded }) {
  const select = database.prepare('SELECT value FROM credentials WHERE kind = :kind AND id = :id')
  const insert = database.prepare('INSERT OR REPLACE INTO credentials (kind, id, value) VALUES (:kind, :id, :value)')
  const remove = database.prepare('DELETE FROM credentials WHERE kind = :kind AND id = :id')
  let wiped = false
  return {
    /** @param {string} kind @param {string} id */
    read(kind, id) {
      return guarded(() => parsed(select.get({ kind, id })))
    },
    /** @param {Array<[kind: string, id: string, value: unknown]>} rows a value of null removes its row */
    write(rows) {
      if (wiped) return // What a dying socket still wants to save belongs to an account that is no longer ours.
      transaction(() => {
        for (const [kind, id, value] of rows) {
          if (value === null || value === undefined) remove.run({ kind, id })
          else insert.run({ kind, id, value: JSON.stringify(value, BufferJSON.replacer) })
        }
      })
    },
    wipe() {
      database.exec('DELETE FROM credentials')
      wiped = true
    }
  }
}

/** @param {{value?: unknown} | undefined} row */
function parsed(row) {
  if (!row) return undefined
  try {
    return JSON.parse(String(row.value), BufferJSON.reviver)
  } catch {
    throw new RecordCorrupted('a row of the credentials cannot be read') // the cause would quote it
  }
}

/**
 * @param {ReturnType<typeof openTable>} table
 * @returns {import('baileys').SignalKeyStore}
 */
function keyStore(table) {
  return {
    get(kind, ids) {
      const found = ids.map(id => [id, revived(kind, table.read(kind, id))])
      return Object.fromEntries(found.filter(([, value]) => value !== undefined))
    },
    set(changes) {
      table.write(
        Object.entries(changes).flatMap(([kind, values]) =>
          Object.entries(values ?? {}).map(
            ([id, value]) => /** @type {[string, string, unknown]} */ ([kind, id, value])
          )
        )
      )
    }
  }
}

/** Baileys compares this one kind as a protobuf object. @param {string} kind @param {any} value */
function revived(kind, value) {
  return kind === 'app-state-sync-key' && value ? proto.Message.AppStateSyncKeyData.fromObject(value) : value
}
