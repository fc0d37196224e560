// @ts-check
/** Endpoints of Signal: a phone encrypts for linked devices, and decrypts what they send. */

import { encodeWAMessage, generateSignalPubKey, proto, unpadRandomMax16 } from 'baileys'
import * as libsignal from 'libsignal'
import * as curve from 'libsignal/src/curve.js'
import { bigEndian } from '../accounts/bundles.js'
import { ForeignSenderKeys } from './foreign_sender_keys.js'
import { hasOldCounter, isOldCounterError, OldCounter } from './old_counters.js'
import { keyPairFrom } from '../protocol/keys.js'
import { keysOf, makeStore, REGISTRATION_ID } from './signal_store.js'
import { stanza } from '../protocol/stanza.js'
import { Turns } from './turns.js'
import '../../messages/session_trials.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Device } from '../accounts/devices.js' */
/** @import { Group } from '../accounts/groups.js' */
/** @import { Phone } from '../accounts/phone.js' */

/** A phone has one signed key for ever, and no one-time keys: it has no attackers. */
const SIGNED_PREKEY_ID = 1
const PREKEY_MESSAGE = 3
const KEY_TYPE = Buffer.from([5])

export class Endpoints {
  /** @type {Map<Phone, Endpoint>} */
  #endpoints = new Map()
  #turns = new Turns()

  /** @param {Phone} phone */
  of(phone) {
    const endpoint = this.#endpoints.get(phone) ?? new Endpoint(phone, this.#turns)
    this.#endpoints.set(phone, endpoint)
    return endpoint
  }

  /** A phone loses its conversations and the sender keys of others. It keeps its own keys. @param {Phone} phone */
  lose(phone) {
    this.#endpoints.delete(phone)
  }

  forget() {
    this.#endpoints.clear()
  }
}

class Endpoint {
  registration = bigEndian(REGISTRATION_ID, 4)
  #phone
  #signedPreKey
  /** @type {Uint8Array | undefined} */
  #signature
  #store
  #keys = new ForeignSenderKeys()
  #turns

  /** @param {Phone} phone @param {Turns} turns */
  constructor(phone, turns) {
    this.#phone = phone
    this.#turns = turns
    this.#signedPreKey = keyPairFrom(`motte sandbox signed prekey ${phone.number}`)
    this.#store = makeStore(phone.identity, this.#signedPreKey)
  }

  /**
   * Keys for others to begin a conversation.
   * @returns {BinaryNode[]}
   */
  bundle() {
    const { identity } = this.#phone
    const value = this.#signedPreKey.public
    this.#signature ??= curve.calculateSignature(Buffer.from(identity.private), generateSignalPubKey(value))
    return [
      stanza('registration', {}, this.registration),
      stanza('type', {}, KEY_TYPE),
      stanza('identity', {}, identity.public),
      stanza('skey', {}, [
        stanza('id', {}, bigEndian(SIGNED_PREKEY_ID, 3)),
        stanza('value', {}, value),
        stanza('signature', {}, this.#signature)
      ])
    ]
  }

  /**
   * @param {Device} device
   * @param {proto.IMessage} message
   * @returns {Promise<BinaryNode>} an `enc`
   */
  encrypt(device, message) {
    return this.#turns.take(async () => {
      const address = addressOf(device)
      const session = await this.#store.loadSession(address.toString())
      const builder = new libsignal.SessionBuilder(this.#store, address)
      if (!session?.haveOpenSession()) await builder.initOutgoing(keysOf(device))
      const cipher = new libsignal.SessionCipher(this.#store, address)
      const { type, body } = await cipher.encrypt(encodeWAMessage(message))
      const attrs = { v: '2', type: type === PREKEY_MESSAGE ? 'pkmsg' : 'msg' }
      return stanza('enc', attrs, Buffer.from(body, 'binary'))
    })
  }

  /**
   * Opens a copy of a message. It is in the last part; the one before it may bring the sender key of a group.
   * @param {Device} device
   * @param {{ encs: BinaryNode[], group?: Group }} copy
   * @returns {Promise<proto.Message | undefined>}
   * @throws {OldCounter} if it is a duplicate
   */
  decrypt(device, { encs, group }) {
    return this.#turns.take(async () => {
      const copies = encs.map(enc => () => this.#openCopy(device, enc, group))
      const last = copies.pop()
      for (const open of copies) await open().catch(() => {}) // without the key in it, the last one cannot be opened
      return last?.()
    })
  }

  /** The device has lost its keys: the next message begins a new conversation. @param {Device} device */
  forget(device) {
    return this.#turns.take(async () => this.#store.forget(addressOf(device).toString()))
  }

  /** @param {Device} device @param {BinaryNode} enc @param {Group} [group] */
  async #openCopy(device, enc, group) {
    const sealed = /** @type {Uint8Array} */ (enc.content)
    const isOfGroup = enc.attrs.type === 'skmsg' && group !== undefined
    const padded = await (isOfGroup
      ? this.#keys.decrypt(device, group, sealed)
      : this.#open(device, enc, Buffer.from(sealed)))
    const message = proto.Message.decode(unpadRandomMax16(padded))
    await this.#keys.take(device, message)
    return message
  }

  /** @param {Device} device @param {BinaryNode} enc @param {Buffer} sealed */
  async #open(device, enc, sealed) {
    const address = addressOf(device)
    const cipher = new libsignal.SessionCipher(this.#store, address)
    const isFirst = enc.attrs.type === 'pkmsg'
    // Before: a failed attempt uses the key up too.
    if (!isFirst && hasOldCounter(sealed, await this.#store.loadSession(address.toString()))) throw new OldCounter()
    try {
      return await (isFirst ? cipher.decryptPreKeyWhisperMessage(sealed) : cipher.decryptWhisperMessage(sealed))
    } catch (error) {
      throw isOldCounterError(error) ? new OldCounter() : error
    }
  }
}

/** @param {Device} device */
function addressOf({ phoneNumber, device }) {
  return new libsignal.ProtocolAddress(phoneNumber, device)
}
