// @ts-check
/** The frames of one socket: how long ago the last one was, and a bark where none comes any more. */

import { uptime } from 'node:os'
import { createWatchdog } from '../session/watchdog.js'

/** @typedef {ReturnType<typeof watchTraffic>} Traffic */

/**
 * @param {import('baileys').WASocket['ws']} ws
 * @param {object} on
 * @param {number} on.silence seconds after a frame within which the next one must come
 * @param {() => void} on.onSilence none came
 */
export function watchTraffic(ws, { silence, onSilence }) {
  const guard = createWatchdog(onSilence)
  let isOver = false
  let lastAt = uptime()
  ws.on('frame', () => {
    lastAt = uptime()
    if (!isOver) guard.expect(undefined, silence)
  })
  onSend(ws, () => (lastAt = uptime()))
  return {
    /** Seconds since a frame came or went. */
    idleFor: () => uptime() - lastAt,
    rest() {
      isOver = true
      guard.rest()
    }
  }
}

/** Baileys tells nobody what it sends. @param {unknown} ws @param {() => void} onFrame */
function onSend(ws, onFrame) {
  const { socket } = /** @type {{socket: {send: (...frame: any[]) => void}}} */ (ws)
  const send = socket.send.bind(socket)
  socket.send = (...frame) => {
    onFrame()
    send(...frame)
  }
}
