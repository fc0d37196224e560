// @ts-check
/** Endpoints of Signal: a phone encrypts for linked devices, and decrypts what they send. */

import { encodeWAMessage, generateSignalPubKey, proto, unpadRandomMax16 } from 'baileys'
import * as libsignal from 'libsignal'
import * as curve from 'libsignal/src/curve.js'
import { bigEndian } from '../accounts/bundles.js'
import { keyPairFrom } from '../protocol/keys.js'
import { stanza } from '../protocol/stanza.js'

/** @import { BinaryNode, KeyPair } from 'baileys' */
/** @import { Device } from '../accounts/devices.js' */
/** @import { Phone } from '../accounts/phone.js' */

/** A phone has one signed key for ever, and no one-time keys: it has no attackers. */
const SIGNED_PREKEY_ID = 1
const REGISTRATION_ID = 1
const PREKEY_MESSAGE = 3
const KEY_TYPE = Buffer.from([5])

export class Endpoints {
  /** @type {Map<Phone, Endpoint>} */
  #endpoints = new Map()

  /** @param {Phone} phone */
  of(phone) {
    const endpoint = this.#endpoints.get(phone) ?? new Endpoint(phone)
    this.#endpoints.set(phone, endpoint)
    return endpoint
  }

  forget() {
    this.#endpoints.clear()
  }
}

class Endpoint {
  registration = bigEndian(REGISTRATION_ID, 4)
  #phone
  #signedPreKey
  #store
  /** Jobs run one after the other: two first messages at once would begin two conversations. @type {Promise<unknown>} */
  #work = Promise.resolve()

  /** @param {Phone} phone */
  constructor(phone) {
    this.#phone = phone
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
    const signature = curve.calculateSignature(Buffer.from(identity.private), generateSignalPubKey(value))
    return [
      stanza('registration', {}, this.registration),
      stanza('type', {}, KEY_TYPE),
      stanza('identity', {}, identity.public),
      stanza('skey', {}, [
        stanza('id', {}, bigEndian(SIGNED_PREKEY_ID, 3)),
        stanza('value', {}, value),
        stanza('signature', {}, signature)
      ])
    ]
  }

  /**
   * @param {Device} device
   * @param {proto.IMessage} message
   * @returns {Promise<BinaryNode>} an `enc`
   */
  encrypt(device, message) {
    return this.#inTurn(async () => {
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
   * @param {Device} device
   * @param {BinaryNode} enc
   * @returns {Promise<proto.Message>}
   */
  decrypt(device, enc) {
    return this.#inTurn(async () => {
      const cipher = new libsignal.SessionCipher(this.#store, addressOf(device))
      const sealed = Buffer.from(/** @type {Uint8Array} */ (enc.content))
      const isFirst = enc.attrs.type === 'pkmsg'
      const padded = await (isFirst ? cipher.decryptPreKeyWhisperMessage(sealed) : cipher.decryptWhisperMessage(sealed))
      return proto.Message.decode(unpadRandomMax16(padded))
    })
  }

  /** The device has lost its keys: the next message begins a new conversation. @param {Device} device */
  forget(device) {
    return this.#inTurn(async () => this.#store.forget(addressOf(device).toString()))
  }

  /**
   * @template T
   * @param {() => Promise<T>} job
   * @returns {Promise<T>}
   */
  #inTurn(job) {
    const done = this.#work.then(job)
    this.#work = done.catch(() => {})
    return done
  }
}

/** @param {Device} device */
function addressOf({ phoneNumber, device }) {
  return new libsignal.ProtocolAddress(phoneNumber, device)
}

/**
 * Keys of a device for a new conversation. It uses up a one-time key.
 * @param {Device} device
 */
function keysOf({ registrationId, identityKey, signedPreKey, preKeys }) {
  const oneTime = preKeys.shift()
  const session = {
    registrationId,
    identityKey: publicKey(identityKey),
    signedPreKey: {
      keyId: signedPreKey.id,
      publicKey: publicKey(signedPreKey.key),
      signature: Buffer.from(signedPreKey.signature, 'base64')
    }
  }
  const preKey = oneTime && { keyId: oneTime.id, publicKey: publicKey(oneTime.key) }
  return /** @type {Parameters<libsignal.SessionBuilder['initOutgoing']>[0]} */ ({ ...session, preKey })
}

/** @param {string} base64 */
function publicKey(base64) {
  return Buffer.from(generateSignalPubKey(Buffer.from(base64, 'base64')))
}

/**
 * Store of libsignal for the conversations of one phone.
 * @param {KeyPair} identity
 * @param {KeyPair} signedPreKey
 */
function makeStore(identity, signedPreKey) {
  /** @type {Map<string, libsignal.SessionRecord>} */
  const sessions = new Map()
  return {
    loadSession: async (/** @type {string} */ id) => sessions.get(id),
    /** @param {string} id @param {libsignal.SessionRecord} session */
    storeSession: async (id, session) => void sessions.set(id, session),
    forget: (/** @type {string} */ id) => void sessions.delete(id),
    isTrustedIdentity: () => true,
    loadPreKey: async () => undefined,
    removePreKey: () => {},
    loadSignedPreKey: () => signalPair(signedPreKey),
    getOurRegistrationId: () => REGISTRATION_ID,
    getOurIdentity: () => signalPair(identity)
  }
}

/** @param {KeyPair} pair */
function signalPair(pair) {
  return { privKey: Buffer.from(pair.private), pubKey: Buffer.from(generateSignalPubKey(pair.public)) }
}
