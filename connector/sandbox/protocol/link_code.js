// @ts-check
/** Link code: linking with a code that the owner types on the phone, up to the secret that phone and device then share. */

import { randomBytes } from 'node:crypto'
import { Curve, getBinaryNodeChild, getBinaryNodeChildBuffer, getBinaryNodeChildString, jidDecode } from 'baileys'
import { sharedSecret, unwrap, wrap } from './link_code_crypto.js'
import { conflict } from '../server/refusal.js'
import { refusal, result, stanza } from './stanza.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Connection } from '../server/connection.js' */
/** @import { UnpairedNotifications } from '../accounts/notification_acks.js' */
/** @import { Finish } from './link_code_crypto.js' */
/** @import { Phone } from '../accounts/phone.js' */
/** @import { Profile } from './profile.js' */

const TAG = 'link_code_companion_reg'
/** Nonce of WhatsApp Web. Its purpose is unknown. */
const NONCE = Buffer.from([0])
/** Names that a device may have: a known browser on a known system. */
const DISPLAY_NAME = /^(Chrome|Edge|Firefox|IE|Opera|Safari) \((Mac OS|Windows|Linux|Ubuntu|Android)\)$/
/** Limit for the device's answer to a typed code. */
const FINISH_TIMEOUT_MS = 10_000

export class LinkCode {
  #connection
  #profile
  #notifications
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
   * @param {UnpairedNotifications} notifications
   */
  constructor(connection, profile, notifications) {
    this.#connection = connection
    this.#profile = profile
    this.#notifications = notifications
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
   * The owner types the code. Returns the secret that phone and device share.
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
    this.#notifications.send(this.#connection, TAG, hello)
    return sharedSecret(phone, Curve.sharedKey(ephemeral.private, theirs), await finish)
  }

  /** Withdraws the code that the device has requested. */
  refresh() {
    const ref = stanza('link_code_pairing_ref', {}, this.#ref)
    this.#notifications.send(
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
    const timer = setTimeout(() => finish.reject(late), FINISH_TIMEOUT_MS)
    return finish.promise.finally(() => clearTimeout(timer))
  }
}

/**
 * Whether the request is like one of WhatsApp Web.
 * @param {BinaryNode} registration
 */
function isAsWhatsAppWeb(registration) {
  const nonce = getBinaryNodeChildBuffer(registration, 'link_code_pairing_nonce') // a text has no buffer
  const display = getBinaryNodeChildString(registration, 'companion_platform_display') ?? ''
  return nonce !== undefined && NONCE.equals(nonce) && DISPLAY_NAME.test(display)
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
 * @param {BinaryNode} node
 * @param {string} tag
 */
function bytesOf(node, tag) {
  const bytes = getBinaryNodeChildBuffer(node, tag)
  if (!bytes?.length) throw new Error(`${tag} is missing`)
  return Buffer.from(bytes)
}
