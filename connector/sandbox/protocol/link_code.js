// @ts-check
/** Linking with a code that the owner types on the phone, up to the secret that phone and device then share. */

import { hkdfSync, randomBytes } from 'node:crypto'
import {
  aesDecryptCTR,
  aesDecryptGCM,
  aesEncryptCTR,
  Curve,
  derivePairingCodeKey,
  getBinaryNodeChild,
  getBinaryNodeChildBuffer,
  getBinaryNodeChildString,
  jidDecode
} from 'baileys'
import { conflict } from '../server/refusal.js'
import { refusal, result, stanza } from './stanza.js'

/** @import { BinaryNode, KeyPair } from 'baileys' */
/** @import { Connection } from '../server/connection.js' */
/** @import { Notices } from '../accounts/notification_acks.js' */
/** @import { Phone } from '../accounts/phone.js' */
/** @import { Profile } from './profile.js' */

const TAG = 'link_code_companion_reg'
/** A key wrapped with the code: salt, counter block, cipher text. */
const SALT_LENGTH = 32
const COUNTER_LENGTH = 16
const IV_LENGTH = 12
/** What WhatsApp Web sends; nobody knows what it is for. */
const NONCE = Buffer.from([0])
/** How a device may call itself: a known browser on a known system. */
const DISPLAY = /^(Chrome|Edge|Firefox|IE|Opera|Safari) \((Mac OS|Windows|Linux|Ubuntu|Android)\)$/
/** Milliseconds that the phone waits for the device's answer to a typed code. */
const FINISHED_WITHIN = 10_000

/** @typedef {{ bundle: Buffer, identityKey: Buffer }} Finish what the device answers to a typed code */

export class LinkCode {
  #connection
  #profile
  #notices
  /** The number for which the device has asked for a code. @type {string | null} */
  phoneNumber = null
  #ref = randomBytes(16)
  /** @type {Buffer | null} */
  #wrappedKey = null
  /** @type {PromiseWithResolvers<Finish> | null} */
  #finish = null

  /**
   * @param {Connection} connection
   * @param {Profile} profile
   * @param {Notices} notices
   */
  constructor(connection, profile, notices) {
    this.#connection = connection
    this.#profile = profile
    this.#notices = notices
  }

  /** @param {BinaryNode} iq */
  receive(iq) {
    const registration = getBinaryNodeChild(iq, TAG)
    const error = this.#connection.fault('codeError')
    if (error) return this.#connection.send(refusal(iq, String(error)))
    if (registration?.attrs.stage === 'companion_hello') this.#hello(iq, registration)
    else if (registration?.attrs.stage === 'companion_finish') this.#finished(iq, registration)
    else throw new Error('an unknown stage of linking with a code')
  }

  /**
   * The owner types the code. Resolves with the secret that phone and device share.
   * @param {Phone} phone
   * @param {string} code
   * @returns {Promise<Buffer>}
   */
  async type(phone, code) {
    const wrapped = /** @type {Buffer} */ (this.#wrappedKey)
    const theirs = await unwrap(wrapped, code)
    const ephemeral = Curve.generateKeyPair()
    const hello = primaryHello(this.#ref, phone, await wrap(ephemeral.public, code))
    const finish = this.#expectFinish()
    this.#notices.send(this.#connection, TAG, hello)
    return sharedSecret(phone, Curve.sharedKey(ephemeral.private, theirs), await finish)
  }

  /** WhatsApp wants another code in the place of the one that was asked for. */
  refresh() {
    const ref = stanza('link_code_pairing_ref', {}, this.#ref)
    this.#notices.send(
      this.#connection,
      TAG,
      stanza(TAG, { stage: 'refresh_code', force_manual_refresh: 'false' }, [ref])
    )
    this.phoneNumber = null
  }

  closed() {
    this.#finish?.reject(conflict('code-dead', 'the socket ended before the code was confirmed'))
  }

  /**
   * @param {BinaryNode} iq
   * @param {BinaryNode} registration
   */
  #hello(iq, registration) {
    if (!isAsWhatsAppWeb(registration)) return this.#connection.send(refusal(iq, '400'))
    this.phoneNumber = jidDecode(registration.attrs.jid)?.user ?? null
    this.#wrappedKey = bytesOf(registration, 'link_code_pairing_wrapped_companion_ephemeral_pub')
    const ref = stanza('link_code_pairing_ref', {}, this.#ref)
    this.#connection.send(result(iq, [stanza(TAG, { stage: 'companion_hello' }, [ref])]))
  }

  /**
   * @param {BinaryNode} iq
   * @param {BinaryNode} registration
   */
  #finished(iq, registration) {
    this.#connection.send(result(iq))
    const bundle = bytesOf(registration, 'link_code_pairing_wrapped_key_bundle')
    this.#finish?.resolve({ bundle, identityKey: Buffer.from(this.#profile.identityKey) })
  }

  /** @returns {Promise<Finish>} */
  #expectFinish() {
    this.#finish?.reject(conflict('code-dead', 'the code was typed once more'))
    const finish = (this.#finish = Promise.withResolvers())
    const late = conflict('code-dead', 'the device did not answer')
    const timer = setTimeout(() => finish.reject(late), FINISHED_WITHIN)
    return finish.promise.finally(() => clearTimeout(timer))
  }
}

/**
 * Whether the request says what WhatsApp Web would say.
 * @param {BinaryNode} registration
 */
function isAsWhatsAppWeb(registration) {
  const nonce = getBinaryNodeChildBuffer(registration, 'link_code_pairing_nonce') // a text has no buffer
  const display = getBinaryNodeChildString(registration, 'companion_platform_display') ?? ''
  return nonce !== undefined && NONCE.equals(nonce) && DISPLAY.test(display)
}

/**
 * Where the codes differ, the device took a wrong key for the phone's: its bundle cannot be opened.
 * @param {Phone} phone
 * @param {Buffer} shared
 * @param {Finish} finish
 */
function sharedSecret(phone, shared, { bundle, identityKey }) {
  const salt = bundle.subarray(0, SALT_LENGTH)
  const iv = bundle.subarray(SALT_LENGTH, SALT_LENGTH + IV_LENGTH)
  const key = derived(shared, salt, 'link_code_pairing_key_bundle_encryption_key')
  const plain = opened(bundle.subarray(SALT_LENGTH + IV_LENGTH), key, iv)
  if (!plain.subarray(0, 32).equals(identityKey)) throw wrongCode()
  const random = plain.subarray(64)
  const identities = Curve.sharedKey(phone.identity.private, identityKey)
  return derived(Buffer.concat([shared, identities, random]), Buffer.alloc(0), 'adv_secret')
}

/**
 * @param {Buffer} sealed
 * @param {Buffer} key
 * @param {Buffer} iv
 */
function opened(sealed, key, iv) {
  try {
    return aesDecryptGCM(sealed, key, iv, Buffer.alloc(0))
  } catch {
    throw wrongCode()
  }
}

function wrongCode() {
  return conflict('wrong-code', 'the phone says that the code is wrong')
}

/**
 * @param {Buffer} ref
 * @param {Phone} phone
 * @param {Buffer} wrappedKey
 */
function primaryHello(ref, phone, wrappedKey) {
  const content = [
    stanza('link_code_pairing_ref', {}, ref),
    stanza('primary_identity_pub', {}, phone.identity.public),
    stanza('link_code_pairing_wrapped_primary_ephemeral_pub', {}, wrappedKey)
  ]
  return stanza(TAG, { stage: 'primary_hello' }, content)
}

/**
 * @param {Uint8Array} key
 * @param {string} code
 */
async function wrap(key, code) {
  const salt = randomBytes(SALT_LENGTH)
  const counter = randomBytes(COUNTER_LENGTH)
  return Buffer.concat([salt, counter, aesEncryptCTR(key, await derivePairingCodeKey(code, salt), counter)])
}

/**
 * @param {Buffer} wrapped
 * @param {string} code
 */
async function unwrap(wrapped, code) {
  const salt = wrapped.subarray(0, SALT_LENGTH)
  const counter = wrapped.subarray(SALT_LENGTH, SALT_LENGTH + COUNTER_LENGTH)
  return aesDecryptCTR(wrapped.subarray(SALT_LENGTH + COUNTER_LENGTH), await derivePairingCodeKey(code, salt), counter)
}

/**
 * @param {Buffer} secret
 * @param {Buffer} salt
 * @param {string} info
 */
function derived(secret, salt, info) {
  return Buffer.from(hkdfSync('sha256', secret, salt, info, 32))
}

/**
 * @param {BinaryNode} node
 * @param {string} tag
 */
function bytesOf(node, tag) {
  const bytes = getBinaryNodeChildBuffer(node, tag)
  if (!bytes?.length) throw new Error(`${tag} is missing`)
  return Buffer.from(bytes)
}
