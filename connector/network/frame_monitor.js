// @ts-check
/** Monitor of the frames of one socket: how long ago the last one was, a call if none comes any more, and when one may leave. */

import { uptime } from 'node:os'
import { createWatchdog } from '../session/watchdog.js'

/** Milliseconds between two looks at the clock, which is a file: frames that follow each other closely count as one. */
const READ_INTERVAL_MS = 100

/** @typedef {ReturnType<typeof monitorFrames>} FrameMonitor */

/**
 * @param {import('baileys').WASocket['ws']} ws
 * @param {object} options
 * @param {number} options.limit seconds after a frame in which the next one must come
 * @param {() => void} options.onSilence called if it does not come
 * @param {() => void} [options.onFrame] called for a frame from or to WhatsApp, once for those that follow each other closely
 * @param {(send: () => void) => void} [options.onceSaved] calls `send` once a frame may leave
 */
export function monitorFrames(ws, { limit, onSilence, onFrame = () => {}, onceSaved = send => send() }) {
  const watchdog = createWatchdog(onSilence)
  let isStopped = false
  let lastAt = uptime()
  let readAt = performance.now()
  const noteFrame = () => {
    if (performance.now() < readAt + READ_INTERVAL_MS) return
    readAt = performance.now()
    lastAt = uptime()
    onFrame()
  }
  ws.on('frame', () => {
    noteFrame()
    if (!isStopped) watchdog.expect(undefined, limit)
  })
  holdFrames(ws, send => {
    noteFrame()
    onceSaved(send)
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

/**
 * Lets the frames that Baileys sends wait for each other, in their order. Baileys has no event for that. It does not wait for a frame
 * that waits: what it does next may share the write to the disk. If that frame cannot be written, the link has ended.
 * @param {unknown} ws
 * @param {(send: () => void) => void} onFrame called with what sends all that wait; the same function each time
 */
function holdFrames(ws, onFrame) {
  const { socket } =
    /** @type {{socket: {send: (...frame: any[]) => void, _socket?: import('node:net').Socket | null}}} */ (ws)
  const send = socket.send.bind(socket)
  /** @type {any[][]} */
  const held = []
  const sendAll = () => {
    const stream = socket._socket
    stream?.cork() // one write to the network
    for (const frame of held.splice(0)) send(...frame)
    stream?.uncork()
  }
  socket.send = (...frame) => {
    held.push(frame)
    onFrame(sendAll)
    const done = frame.at(-1)
    if (held.at(-1) !== frame || typeof done !== 'function') return
    frame[frame.length - 1] = () => {}
    done()
  }
}
