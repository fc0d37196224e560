// @ts-check
/**
 * Sealing of outgoing messages: the keys that seal one are on the disk before it leaves.
 *
 * `relayMessage` of Baileys 7.0.0-rc14 does everything inside one transaction of the key store, the write to the socket included,
 * and saves the keys after that. A process that is killed in between has sent a message with keys that the next one uses a
 * second time: the next, different message then cannot be opened, and linked devices drop it without a word.
 * So the repository's methods run outside that transaction. What they change is saved, in one write, before the next frame leaves.
 * docs/decisions/0028-messages-sent-once.md has the details.
 */

import { AsyncLocalStorage } from 'node:async_hooks'
import { isHostedPnUser, isPnUser, jidDecode } from 'baileys'
import { hasOpenSession } from '../messages/session_records.js'
import { untilNextFrame } from '../storage/deferred_keys.js'

/** Runs a function as if no transaction had begun: the store of Baileys' transactions is empty while this file is loaded. */
const outside = AsyncLocalStorage.snapshot()

/** @typedef {ReturnType<NonNullable<import('baileys').UserFacingSocketConfig['makeSignalRepository']>>} Repository */
/** @typedef {{id: string, lid?: string} | undefined} Me the account itself */

/**
 * @typedef {object} Tally what was sealed for one message
 * @property {boolean} isForOthers whether somebody else must get it
 * @property {Set<string>} recipients devices that are to get it, as far as each needs a copy of its own
 * @property {Set<string>} others those of them that are not the account's own
 * @property {Set<string>} failed devices for which nothing could be sealed
 * @property {boolean} hasSealed whether anything was sealed: before that, nothing of the message can have left
 */

/** @type {AsyncLocalStorage<Tally>} */
const tallies = new AsyncLocalStorage()

/** The account itself alone would get the message. */
export class NobodyToSealFor extends Error {}

/** @param {boolean} isForOthers @returns {Tally} */
export const newTally = isForOthers => ({
  isForOthers,
  recipients: new Set(),
  others: new Set(),
  failed: new Set(),
  hasSealed: false
})

/**
 * Relays a message; what is sealed meanwhile is counted.
 * @template T
 * @param {Tally} tally
 * @param {() => Promise<T>} relay
 */
export const counted = (tally, relay) => tallies.run(tally, relay)

/**
 * @param {Repository} repository
 * @param {() => Me} me
 * @param {Pick<import('baileys').SignalKeyStore, 'get'>} keys
 * @returns {Repository} that leaves no keys to a transaction of Baileys
 */
export function sealOutside(repository, me, keys) {
  const { lidMapping } = repository

  /** As the repository itself finds a session: by the LID of an account, if that is known. @param {string} jid */
  async function hasSession(jid) {
    const lid = isPnUser(jid) || isHostedPnUser(jid) ? await lidMapping.getLIDForPN(jid) : null
    const address = repository.jidToSignalProtocolAddress(lid ?? jid)
    return hasOpenSession((await keys.get('session', [address]))[address])
  }

  const storePairs = lidMapping.storeLIDPNMappings.bind(lidMapping)
  lidMapping.storeLIDPNMappings = pairs => outside(() => storePairs(pairs))
  return {
    ...repository,
    async encryptMessage(given) {
      const tally = tallies.getStore()
      if (tally?.isForOthers && tally.others.size === 0) throw new NobodyToSealFor()
      if (tally) tally.hasSealed = true
      try {
        return await outside(() => untilNextFrame(() => repository.encryptMessage(given)))
      } catch (error) {
        tally?.failed.add(given.jid)
        throw error
      }
    },
    /** Baileys asks this about each device that is to get a copy of its own, before it seals the first one. */
    validateSession(jid) {
      const tally = tallies.getStore()
      tally?.recipients.add(jid)
      if (!isOwn(jid, me())) tally?.others.add(jid)
      return outside(async () => ({ exists: await hasSession(jid) }))
    },
    encryptGroupMessage(given) {
      const tally = tallies.getStore()
      if (tally) tally.hasSealed = true
      return outside(() => untilNextFrame(() => repository.encryptGroupMessage(given)))
    },
    getSenderKeyDistributionMessage: given =>
      outside(() => untilNextFrame(() => repository.getSenderKeyDistributionMessage(given))),
    hasSenderKey: given => outside(() => repository.hasSenderKey(given)),
    getSessionInfo: jid => outside(() => repository.getSessionInfo(jid)),
    injectE2ESession: given => outside(() => untilNextFrame(() => repository.injectE2ESession(given))),
    deleteSession: jids => outside(() => repository.deleteSession(jids)),
    migrateSession: (from, to) => outside(() => repository.migrateSession(from, to))
  }
}

/**
 * Saves privacy tokens at once. Baileys 7.0.0-rc14 issues one for a contact after it has written a message, and saves that it did in
 * the transaction of the relay, which has ended by then: it would issue one with every message.
 * @param {import('baileys').SignalKeyStoreWithTransaction} keys of a socket
 */
export function saveTokensOutside(keys) {
  const { get, set } = keys
  keys.get = (kind, ids) => (kind === 'tctoken' ? outside(() => get(kind, ids)) : get(kind, ids))
  keys.set = changes => ('tctoken' in changes ? outside(() => set(changes)) : set(changes))
}

/** Whether a device belongs to the account itself. @param {string} jid @param {Me} me */
export function isOwn(jid, me) {
  const user = jidDecode(jid)?.user
  return user !== undefined && [me?.id, me?.lid].some(own => jidDecode(own)?.user === user)
}
