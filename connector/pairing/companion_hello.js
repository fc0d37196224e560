// @ts-check
/**
 * Request for a pairing code: eight characters that the owner types on the phone.
 *
 * Baileys 7.0.0-rc14 has its own request (requestPairingCode in Socket/socket.js). It sends the nonce "0" instead of the zero
 * byte that WhatsApp Web and whatsmeow send (whatsmeow, pair-code.go; whatsapp-rust #976). It also sends the device name of QR
 * codes, which WhatsApp refuses with 400 unless it is a known browser and system (whatsmeow, pair-code.go; Baileys #2560).
 * Baileys still answers the phone: this file writes what it needs for that into the credentials.
 */

import { randomBytes } from 'node:crypto'
import { aesEncryptCTR, bytesToCrockford, derivePairingCodeKey, jidEncode, S_WHATSAPP_NET } from 'baileys'
import { PLACEHOLDER_NAME } from '../storage/credentials.js'
import { PLATFORM_ID } from './pair_device.js'

/** Bytes: eight characters of Crockford's alphabet. */
const CODE_BYTES = 5
const SALT_BYTES = 32
const COUNTER_BYTES = 16
const NONCE = Buffer.from([0])

/** Name of the device that the phone shows. */
const DISPLAY_NAME = 'Chrome (Mac OS)'

/** @typedef {import('baileys').BinaryNode} Stanza */

/**
 * Makes a code and writes it into the credentials. The caller saves them.
 * @param {import('baileys').AuthenticationCreds} creds
 * @param {string} phoneNumber digits
 * @returns {string} the code
 */
export function makePairingCode(creds, phoneNumber) {
  creds.pairingCode = bytesToCrockford(randomBytes(CODE_BYTES))
  creds.me = { id: jidEncode(phoneNumber, 's.whatsapp.net'), name: PLACEHOLDER_NAME }
  return creds.pairingCode
}

/**
 * Makes the stanza that announces the code in the credentials to WhatsApp.
 * @param {import('baileys').AuthenticationCreds} creds
 * @param {string} id of the stanza
 * @returns {Promise<Stanza>}
 */
export async function companionHello({ me, noiseKey, pairingCode, pairingEphemeralKeyPair }, id) {
  const wrapped = await wrap(pairingEphemeralKeyPair.public, pairingCode ?? '')
  const attrs = { jid: me?.id ?? '', stage: 'companion_hello', should_show_push_notification: 'true' }
  const content = [
    child('link_code_pairing_wrapped_companion_ephemeral_pub', wrapped),
    child('companion_server_auth_key_pub', noiseKey.public),
    child('companion_platform_id', Buffer.from(PLATFORM_ID)),
    child('companion_platform_display', Buffer.from(DISPLAY_NAME)),
    child('link_code_pairing_nonce', NONCE)
  ]
  const registration = { tag: 'link_code_companion_reg', attrs, content }
  return { tag: 'iq', attrs: { to: S_WHATSAPP_NET, type: 'set', xmlns: 'md', id }, content: [registration] }
}

/**
 * Encrypts a key with the code. Returns salt, counter block and cipher text.
 * @param {Uint8Array} key
 * @param {string} code
 */
async function wrap(key, code) {
  const salt = randomBytes(SALT_BYTES)
  const counter = randomBytes(COUNTER_BYTES)
  return Buffer.concat([salt, counter, aesEncryptCTR(key, await derivePairingCodeKey(code, salt), counter)])
}

/** @param {string} tag @param {Uint8Array} content @returns {Stanza} */
const child = (tag, content) => ({ tag, attrs: {}, content })
