// @ts-check
/** Times after which messages are not worth sending any more, in seconds of the boot clock, as the front counts them. */

import { uptime } from 'node:os'

/** What a timer can wait at most, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** @typedef {Pick<import('../ipc/commands.js').Send, 'until'>} Limited */

/** Whether the time of a message is over. A front of an older version names none. @param {Limited} command */
export const isLate = ({ until }) => until !== undefined && uptime() >= until

/** Calls back once the time of a message is over, while the process has other work. @param {Limited} command @param {() => void} lapsed */
export function atDeadline({ until }, lapsed) {
  if (until === undefined) return undefined
  const milliseconds = Math.ceil((until - uptime()) * 1000)
  return setTimeout(lapsed, Math.min(Math.max(milliseconds, 0), MAX_TIMER_MS)).unref()
}
