// @ts-check
/** Loaded into a connector before its own code: kills it right after its n-th frame has left for WhatsApp (DIES_AFTER). */

import { afterEachFrame } from './sent_frames.js'

let left = Number(process.env.DIES_AFTER)

afterEachFrame(() => {
  left -= 1
  if (left === 0) process.kill(process.pid, 'SIGKILL')
})
