// @ts-check
/** Frames that cannot be read: they end their socket, not the process. */

/**
 * Calls `onUnreadable` if a frame cannot be decrypted, inflated or decoded. Baileys lets such an error end the process. An error of a
 * listener still does: it is a bug, or a full disk.
 * @param {import('baileys').WASocket['ws']} ws right after it was made, before it is open
 * @param {(error: unknown) => void} onUnreadable
 */
export function catchUnreadable(ws, onUnreadable) {
  const errors = noteListenerErrors(ws)
  for (const listener of ws.listeners('message')) {
    const read = /** @type {(data: Buffer) => Promise<void>} */ (listener)
    ws.off('message', read)
    ws.on('message', (/** @type {Buffer} */ data) =>
      read(data).catch(error => {
        if (errors.has(error)) throw error
        onUnreadable(error)
      })
    )
  }
}

/** Errors that a listener threw. Baileys emits each frame that it has read. @param {import('baileys').WASocket['ws']} ws */
function noteListenerErrors(ws) {
  /** @type {WeakSet<any>} */
  const errors = new WeakSet()
  const emit = ws.emit.bind(ws)
  ws.emit = (event, ...args) => {
    try {
      return emit(event, ...args)
    } catch (error) {
      if (error instanceof Object) errors.add(error)
      throw error
    }
  }
  return errors
}
