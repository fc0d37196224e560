// @ts-check
/**
 * Acknowledgements of notifications that come before the account is known.
 *
 * Baileys 7.0.0-rc14 reads its own number to acknowledge a notification. It has no number yet, and it swallows the error
 * (sendMessageAck in Socket/messages-recv.js; Baileys #2749). WhatsApp Web acknowledges each notification.
 */

const NOTIFICATION_EVENT = 'CB:notification'

/**
 * @param {Pick<import('baileys').WASocket, 'ws' | 'sendNode'>} socket
 * @param {Pick<import('baileys').AuthenticationCreds, 'me'>} creds
 */
export function acknowledgeEarly({ ws, sendNode }, creds) {
  ws.on(NOTIFICATION_EVENT, (/** @type {import('baileys').BinaryNode} */ { tag, attrs: { id, from, type } }) => {
    if (creds.me) return // Baileys does it.
    sendNode({ tag: 'ack', attrs: { id, to: from, class: tag, ...(type && { type }) } }).catch(() => {}) // The socket has closed.
  })
}
