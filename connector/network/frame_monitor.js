// @ts-check
/** Monitor of the frames of one socket: how long ago the last one was, and a call if none comes any more. */

import { uptime } from 'node:os'
import { createWatchdog } from '../session/watchdog.js'

/** @typedef {ReturnType<typeof monitorFrames>} FrameMonitor */

/**
 * @param {import('baileys').WASocket['ws']} ws
 * @param {object} options
 * @param {number} options.limit seconds after a frame in which the next one must come
 * @param {() => void} options.onSilence called if it does not come
 * @param {() => void} [options.beforeSending] called before each frame is sent
 */
export function monitorFrames(ws, { limit, onSilence, beforeSending = () => {} }) {
  const watchdog = createWatchdog(onSilence)
  let isStopped = false
  let lastAt = uptime()
  ws.on('frame', () => {
    lastAt = uptime()
    if (!isStopped) watchdog.expect(undefined, limit)
  })
  onSend(ws, () => {
    beforeSending()
    lastAt = uptime()
  })
  return {
    /** Seconds since a frame came or went. */
    idleFor: () => uptime() - lastAt,
    stop() {
      isStopped = true
      watchdog.stop()
    }
  }
}

/** Calls `onFrame` before each frame that Baileys sends. Baileys has no event for that. @param {unknown} ws @param {() => void} onFrame */
function onSend(ws, onFrame) {
  const { socket } = /** @type {{socket: {send: (...frame: any[]) => void}}} */ (ws)
  const send = socket.send.bind(socket)
  socket.send = (...frame) => {
    onFrame()
    send(...frame)
  }
}
