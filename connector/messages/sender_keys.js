// @ts-check
/**
 * Sender keys of group members, saved in one transaction with the message that brings them.
 *
 * Baileys 7.0.0-rc14 saves a member's key after the transaction that decrypted the message around it. A kill in between loses the
 * key, and every message until the member sends it again. Here the key is saved inside that transaction. Baileys then saves it a
 * second time, which changes nothing.
 */

import { SenderKeyMessage } from 'baileys/lib/Signal/Group/index.js'
import { isSignedBy } from './signatures.js'

/** @typedef {ReturnType<NonNullable<import('baileys').UserFacingSocketConfig['makeSignalRepository']>>} Repository */

/**
 * @param {Repository} repository
 * @returns {Repository} that saves each key once if it is given several times in a row
 */
export function saveEachKeyOnce(repository) {
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

/** Makes Baileys check the signatures of group messages with OpenSSL. In JavaScript that takes most of the time of a message. */
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
