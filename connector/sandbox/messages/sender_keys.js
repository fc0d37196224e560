// @ts-check
/** Sender keys of phones: one for each phone and group. A message is encrypted with it once for all devices. */

import { encodeWAMessage } from 'baileys'
import { GroupCipher, GroupSessionBuilder, SenderKeyName, SenderKeyRecord } from 'baileys/lib/Signal/Group/index.js'
import { stanza } from '../protocol/stanza.js'

/** @import { BinaryNode, proto } from 'baileys' */
/** @import { Device } from '../accounts/devices.js' */
/** @import { Group } from '../accounts/groups.js' */
/** @import { Phone } from '../accounts/phone.js' */

export class SenderKeys {
  /** @type {Map<string, SenderKeyRecord>} */
  #keys = new Map()
  /** Devices that have a phone's key of a group. @type {Map<string, Set<Device>>} */
  #holders = new Map()
  #store = {
    loadSenderKey: async (/** @type {SenderKeyName} */ name) =>
      this.#keys.get(name.toString()) ?? new SenderKeyRecord(),
    /** @param {SenderKeyName} name @param {SenderKeyRecord} key */
    storeSenderKey: async (name, key) => void this.#keys.set(name.toString(), key)
  }

  /**
   * Encrypts a message for every device that has the key.
   * @param {Group} group
   * @param {Phone} phone
   * @param {proto.IMessage} message
   * @returns {Promise<BinaryNode>} an `enc`
   */
  async encrypt(group, phone, message) {
    const sealed = await new GroupCipher(this.#store, nameOf(group, phone)).encrypt(encodeWAMessage(message))
    return stanza('enc', { v: '2', type: 'skmsg' }, Buffer.from(sealed))
  }

  /**
   * The present key. It opens messages that are encrypted from now on.
   * @param {Group} group
   * @param {Phone} phone
   * @returns {Promise<proto.IMessage>}
   */
  async distribution(group, phone) {
    const created = await new GroupSessionBuilder(this.#store).create(nameOf(group, phone))
    return {
      senderKeyDistributionMessage: { groupId: group.id, axolotlSenderKeyDistributionMessage: created.serialize() }
    }
  }

  /**
   * Whether a device has a phone's key of a group. From now on it counts as a device that has it.
   * @param {Group} group
   * @param {Phone} phone
   * @param {Device} device
   */
  isGiven(group, phone, device) {
    const name = nameOf(group, phone).toString()
    const holders = this.#holders.get(name) ?? new Set()
    const had = holders.has(device)
    this.#holders.set(name, holders.add(device))
    return had
  }

  /** Members make new keys when somebody has left. @param {Group} group @param {Phone[]} members */
  renew(group, members) {
    for (const phone of members) {
      const name = nameOf(group, phone).toString()
      this.#keys.delete(name)
      this.#holders.delete(name)
    }
  }

  forget() {
    this.#keys.clear()
    this.#holders.clear()
  }
}

/** @param {Group} group @param {Phone} phone */
function nameOf({ id }, { number }) {
  return new SenderKeyName(id, { id: number, deviceId: 0, toString: () => `${number}.0` })
}
