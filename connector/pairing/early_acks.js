// @ts-check
/**
 * Acknowledges the notifications that come before the account is known.
 *
 * Baileys 7.0.0-rc14 reads its own number to acknowledge a notification, has none yet, and swallows the error
 * (sendMessageAck in Socket/messages-recv.js; Baileys #2749). WhatsApp Web acknowledges each.
 */

const EVENT = 'CB:notification'

/**
 * @param {Pick<import('baileys').WASocket, 'ws' | 'sendNode'>} socket
 * @param {Pick<import('baileys').AuthenticationCreds, 'me'>} creds
 */
export function acknowledgeEarly({ ws, sendNode }, creds) {
  ws.on(EVENT, (/** @type {import('baileys').BinaryNode} */ { tag, attrs: { id, from, type } }) => {
    if (creds.me) return // Baileys does it.
    sendNode({ tag: 'ack', attrs: { id, to: from, class: tag, ...(type && { type }) } }).catch(() => {}) // The socket has closed.
  })
}
