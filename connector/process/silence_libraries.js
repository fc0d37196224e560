// @ts-check
/**
 * Silences the libraries. Import it before Baileys, so that no library can print.
 *
 * libsignal passes whole sessions, with private ratchet keys, to `console.info` on every first contact. Baileys' own logger would
 * write to stdout. Motte's own lines go through logger.js.
 */

import logger from 'baileys/lib/Utils/logger.js'

for (const name of /** @type {const} */ (['debug', 'dir', 'error', 'info', 'log', 'table', 'trace', 'warn'])) {
  console[name] = () => {}
}
process.removeAllListeners('warning')
delete process.env.DEBUG // The libraries for proxies would write passwords to standard error.
logger.level = 'silent'

/** Logger for Baileys. */
export const silentLogger = logger
