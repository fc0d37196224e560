// @ts-check
/** What a client of the sandbox gets: confirmations, receipts and texts. */

/** @typedef {Awaited<ReturnType<typeof import('./sandbox_client.js').link>>['socket']} Socket */

/**
 * Attributes of the stanzas of one kind that a client gets.
 * @param {Socket} socket
 * @param {string} kind
 */
function stanzasOf(socket, kind) {
  /** @type {any[]} */
  const seen = []
  let wake = () => {}
  socket.ws.on(kind, (/** @type {any} */ { attrs }) => {
    seen.push(attrs)
    wake()
  })
  return {
    all: () => seen,
    /** @param {string} id */
    async until(id) {
      const deadline = AbortSignal.timeout(5000)
      while (!seen.some(attrs => attrs.id === id))
        await new Promise((resolve, reject) => {
          wake = () => resolve(null)
          deadline.onabort = () => reject(new Error(`no ${kind} for ${id}`))
        })
    }
  }
}

/** @param {Socket} socket */
export const acksOf = socket => stanzasOf(socket, 'CB:ack,class:message')

/** @param {Socket} socket */
export const receiptsOf = socket => stanzasOf(socket, 'CB:receipt')

/** @param {Socket} socket @param {number} count @returns {Promise<string[]>} */
export function textsOf(socket, count) {
  /** @type {string[]} */
  const heard = []
  return new Promise(resolve => {
    socket.ev.on('messages.upsert', ({ messages }) => {
      for (const { message } of messages) {
        const text = message?.conversation ?? message?.extendedTextMessage?.text
        if (text) heard.push(text)
      }
      if (heard.length >= count) resolve(heard)
    })
  })
}
