// @ts-check
/**
 * The request for a pairing code: eight characters that the owner types on the phone.
 *
 * Baileys 7.0.0-rc14 has its own (requestPairingCode in Socket/socket.js). It sends the nonce "0" instead of the zero byte that
 * WhatsApp Web and whatsmeow send (whatsmeow, pair-code.go; whatsapp-rust #976), and it names the device as it is called in QR
 * codes, which WhatsApp refuses with 400 unless it is a known browser and system (whatsmeow, pair-code.go; Baileys #2560).
 * Baileys answers the phone: what it needs for that is written into the credentials here.
 */

import { randomBytes } from 'node:crypto'
import { aesEncryptCTR, bytesToCrockford, derivePairingCodeKey, jidEncode, S_WHATSAPP_NET } from 'baileys'
import { NAMELESS } from '../storage/credentials.js'
import { PLATFORM_ID } from './pair_device.js'

/** Bytes: eight characters of Crockford's alphabet. */
const CODE_BYTES = 5
const SALT_BYTES = 32
const COUNTER_BYTES = 16
const NONCE = Buffer.from([0])

/** What the phone shows as the device that asks. */
const DISPLAY = 'Chrome (Mac OS)'

/** @typedef {import('baileys').BinaryNode} Stanza */

/**
 * Makes a code and puts it into the credentials. The caller saves them.
 * @param {import('baileys').AuthenticationCreds} creds
 * @param {string} phoneNumber digits
 * @returns {string} the code
 */
export function makePairingCode(creds, phoneNumber) {
  creds.pairingCode = bytesToCrockford(randomBytes(CODE_BYTES))
  creds.me = { id: jidEncode(phoneNumber, 's.whatsapp.net'), name: NAMELESS }
  return creds.pairingCode
}

/**
 * What tells WhatsApp of the code in the credentials.
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
    child('companion_platform_display', Buffer.from(DISPLAY)),
    child('link_code_pairing_nonce', NONCE)
  ]
  const registration = { tag: 'link_code_companion_reg', attrs, content }
  return { tag: 'iq', attrs: { to: S_WHATSAPP_NET, type: 'set', xmlns: 'md', id }, content: [registration] }
}

/**
 * A key that only the holder of the code can read: salt, counter block, cipher text.
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
