// @ts-check
/**
 * Silence: imported before Baileys, so that no library can print.
 *
 * libsignal passes whole sessions, private ratchet keys included, to `console.info` on every first contact, and
 * Baileys' own logger would write to stdout. What we have to say goes through logger.js.
 */

import logger from 'baileys/lib/Utils/logger.js'

for (const name of /** @type {const} */ (['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn'])) {
  console[name] = () => {}
}
process.removeAllListeners('warning')
delete process.env.DEBUG // The libraries for proxies would write passwords to standard error.
logger.level = 'silent'

/** What Baileys is given to log with. */
export const silentLogger = logger
