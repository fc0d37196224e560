// @ts-check
/**
 * Refs that WhatsApp gives a socket, and the text of the QR code for a ref.
 *
 * Baileys 7.0.0-rc14 shows the codes itself, with three faults. It reads the adv secret once, so that a code after a
 * registration refresh carries the retired secret. It mixes two sets of refs. It ends the socket after the last code, although a
 * pairing code may still be typed. So its listener is removed, and qr_schedule.js shows the codes.
 */

import { getBinaryNodeChild, getBinaryNodeChildren, S_WHATSAPP_NET } from 'baileys'
import { MAX_QR_BYTES } from '../ipc/bounds.js'

const REFS_EVENT = 'CB:iq,type:set,pair-device'

/** The text is a URL since May 2026, so that the phone's own camera opens WhatsApp (whatsmeow, pair.go). */
const QR_URL = 'https://wa.me/settings/linked_devices#'

/** WhatsApp's number for Chrome among the kinds of companion devices (whatsmeow, pair-code.go, PairClientChrome). */
export const PLATFORM_ID = '1'

/** Characters of a ref with which its text fits into a QR code: the rest of the text has less than 250. WhatsApp's have about 90. */
const MAX_REF_LENGTH = MAX_QR_BYTES - 250

/** @typedef {import('baileys').BinaryNode} Stanza */
/** @typedef {Pick<import('baileys').AuthenticationCreds, 'noiseKey' | 'signedIdentityKey' | 'advSecretKey'>} Keys */

/**
 * Acknowledges each set of refs, then calls `take` with those that fit into a QR code.
 * @param {Pick<import('baileys').WASocket, 'ws' | 'sendNode'>} socket that was just made
 * @param {(refs: string[]) => void} take
 */
export function receiveRefs({ ws, sendNode }, take) {
  if (ws.listenerCount(REFS_EVENT) !== 1)
    throw new Error('Baileys shows QR codes in another way than it did: see pair_device.js')
  ws.removeAllListeners(REFS_EVENT)
  ws.on(REFS_EVENT, async (/** @type {Stanza} */ stanza) => {
    try {
      await sendNode({ tag: 'iq', attrs: { to: S_WHATSAPP_NET, type: 'result', id: stanza.attrs.id } })
    } catch {
      return // The socket has closed; its owner hears of that in the regular way.
    }
    const refs = getBinaryNodeChildren(getBinaryNodeChild(stanza, 'pair-device'), 'ref')
    const texts = refs.map(({ content }) => Buffer.from(/** @type {Uint8Array} */ (content)).toString())
    take(texts.filter(ref => ref.length <= MAX_REF_LENGTH))
  })
}

/**
 * Returns the text that a phone reads from the picture.
 * @param {string} ref
 * @param {Keys} keys
 */
export function qrText(ref, { noiseKey, signedIdentityKey, advSecretKey }) {
  return QR_URL + [ref, base64(noiseKey.public), base64(signedIdentityKey.public), advSecretKey, PLATFORM_ID].join(',')
}

/** @param {Uint8Array} key */
const base64 = key => Buffer.from(key).toString('base64')
