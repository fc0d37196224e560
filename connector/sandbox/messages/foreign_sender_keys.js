// @ts-check
/** Sender keys that a phone has got from linked devices: with them it opens their messages to groups. */

import {
  GroupCipher,
  GroupSessionBuilder,
  SenderKeyDistributionMessage,
  SenderKeyMessage,
  SenderKeyName,
  SenderKeyRecord
} from 'baileys/lib/Signal/Group/index.js'
import { OldCounter } from './old_counters.js'

/** @import { proto } from 'baileys' */
/** @import { Device } from '../accounts/devices.js' */
/** @import { Group } from '../accounts/groups.js' */

export class ForeignSenderKeys {
  /** @type {Map<string, SenderKeyRecord>} */
  #keys = new Map()
  #store = {
    loadSenderKey: async (/** @type {SenderKeyName} */ name) =>
      this.#keys.get(name.toString()) ?? new SenderKeyRecord(),
    /** @param {SenderKeyName} name @param {SenderKeyRecord} key */
    storeSenderKey: async (name, key) => void this.#keys.set(name.toString(), key)
  }

  /**
   * Keeps the key in a message, if there is one.
   * @param {Device} device that has sent it
   * @param {proto.IMessage} message
   */
  async take(device, { senderKeyDistributionMessage: sent }) {
    const serialized = sent?.axolotlSenderKeyDistributionMessage
    if (!sent?.groupId || !serialized) return
    const distribution = new SenderKeyDistributionMessage(null, null, null, null, serialized)
    await new GroupSessionBuilder(this.#store).process(nameOf(sent.groupId, device), distribution)
  }

  /**
   * @param {Device} device that has sent it
   * @param {Group} group
   * @param {Uint8Array} sealed all members get the same array
   * @returns {Promise<Uint8Array>} padded
   * @throws {OldCounter} if its key was used
   */
  async decrypt(device, { id }, sealed) {
    const name = nameOf(id, device)
    const message = new SenderKeyMessage(null, null, null, null, sealed)
    const state = this.#keys.get(name.toString())?.getSenderKeyState(message.getKeyId())
    if (!state) throw new Error('this phone lacks the sender key')
    verifyOnce(message, sealed, state.getSigningKeyPublic())
    /** @type {any} It would verify the signature each time. */
    const cipher = new GroupCipher(this.#store, name)
    const key = keyOf(cipher, state, message.getIteration())
    return cipher.getPlainText(key.getIv(), key.getCipherKey(), message.getCipherText())
  }
}

/**
 * Key of one message.
 * @param {any} cipher
 * @param {any} state
 * @param {number} iteration
 */
function keyOf(cipher, state, iteration) {
  try {
    return cipher.getSenderKey(state, iteration)
  } catch (error) {
    throw /old counter/.test(String(error)) ? new OldCounter() : error
  }
}

/** Signatures that were verified, by message: to verify one takes milliseconds, and a group has up to 1,024 members. */
const verified = /** @type {WeakMap<Uint8Array, string>} */ (new WeakMap())

/** @param {SenderKeyMessage} message @param {Uint8Array} sealed @param {Uint8Array} publicKey */
function verifyOnce(message, sealed, publicKey) {
  const key = Buffer.from(publicKey).toString('base64')
  if (verified.get(sealed) === key) return
  message.verifySignature(publicKey)
  verified.set(sealed, key)
}

/** @param {string} group @param {Device} device */
function nameOf(group, { phoneNumber, device }) {
  return new SenderKeyName(group, {
    id: phoneNumber,
    deviceId: device,
    toString: () => `${phoneNumber}.${device}`
  })
}
