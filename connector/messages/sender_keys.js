// @ts-check
/**
 * Keys of group members, saved with the message that brings them.
 *
 * Baileys 7.0.0-rc14 saves a member's key after the transaction that opened the message around it: a kill in between loses the
 * key, and with it every message until the member has been asked for it. Here the key is saved inside of that transaction,
 * and what Baileys does once more afterwards changes nothing.
 */

import { SenderKeyMessage } from 'baileys/lib/Signal/Group/index.js'
import { isSignedBy } from './signatures.js'

/** @typedef {ReturnType<NonNullable<import('baileys').UserFacingSocketConfig['makeSignalRepository']>>} Repository */

/**
 * @param {Repository} repository
 * @returns {Repository} that takes each key once, however often in a row it is given
 */
export function keepSenderKeys(repository) {
  let last = ''
  return {
    ...repository,
    async processSenderKeyDistributionMessage(given) {
      const key = nameOf(given)
      if (key === last) return
      await repository.processSenderKeyDistributionMessage(given)
      last = key
    }
  }
}

/** @param {Parameters<Repository['processSenderKeyDistributionMessage']>[0]} given */
function nameOf({ item, authorJid }) {
  return `${item.groupId} ${authorJid} ${Buffer.from(item.axolotlSenderKeyDistributionMessage ?? []).toString('base64')}`
}

/** Has Baileys check the signature of each message of a group by OpenSSL: in JavaScript that takes most of its time. */
export function checkSenderKeySignatures() {
  SenderKeyMessage.prototype.verifySignature = function (/** @type {Uint8Array} */ key) {
    const { serialized, SIGNATURE_LENGTH } = /** @type {{serialized: Uint8Array, SIGNATURE_LENGTH: number}} */ (
      /** @type {unknown} */ (this)
    )
    const signed = serialized.length - SIGNATURE_LENGTH
    if (!isSignedBy(key, serialized.subarray(0, signed), serialized.subarray(signed)))
      throw new Error('Invalid signature!')
  }
}
