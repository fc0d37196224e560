// @ts-check
/** Sender keys that a phone has got from linked devices: with them it opens their messages to groups. */

import { GroupCipher, GroupSessionBuilder, SenderKeyName, SenderKeyRecord } from 'baileys/lib/Signal/Group/index.js'
import { SenderKeyDistributionMessage } from 'baileys/lib/Signal/Group/index.js'

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
   * @param {Buffer} sealed
   * @returns {Promise<Uint8Array>} padded
   */
  decrypt(device, { id }, sealed) {
    return new GroupCipher(this.#store, nameOf(id, device)).decrypt(sealed)
  }
}

/** @param {string} group @param {Device} device */
function nameOf(group, { phoneNumber, device }) {
  return new SenderKeyName(group, {
    id: phoneNumber,
    deviceId: device,
    toString: () => `${phoneNumber}.${device}`
  })
}
