// @ts-check
/** Configuration of Baileys for one socket. */

import { readVersion } from './link_options.js'
import { silentLogger } from '../process/silence_libraries.js'

/** Limit for the WebSocket upgrade, and again for the server's hello. It is less than a reader of a fresh code waits. */
export const CONNECT_TIMEOUT_MS = 8_000

/** Pause between two pings. Unpaired: the codes of a server that became silent must not be shown for long. */
const KEEP_ALIVE_INTERVAL_MS = { paired: 30_000, unpaired: 10_000 }

/**
 * What follows the device's name. "Chrome" makes the device a browser: WhatsApp refuses the registration of a desktop
 * program (Baileys #2677). WhatsApp does not use the number.
 */
const BROWSER = ['Chrome', '14.4.1']

/**
 * @param {Pick<import('../settings.js').Settings, 'url'>} settings
 * @param {import('./link_options.js').LinkOptions} options
 * @param {{isPaired: boolean}} account
 * @returns {Omit<import('baileys').UserFacingSocketConfig, 'auth'>}
 */
export function socketConfig({ url }, options, { isPaired }) {
  const browser = /** @type {[string, string, string]} */ ([options.deviceName, ...BROWSER])
  const version = readVersion(options.version)
  return {
    ...(url && { waWebSocketUrl: url }),
    ...(version && { version }),
    browser,
    logger: silentLogger,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    keepAliveIntervalMs: isPaired ? KEEP_ALIVE_INTERVAL_MS.paired : KEEP_ALIVE_INTERVAL_MS.unpaired,
    markOnlineOnConnect: false, // true would mute the phone's notifications
    syncFullHistory: false,
    shouldSyncHistoryMessage: () => false
  }
}
