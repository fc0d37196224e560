// @ts-check
/**
 * The table of words that WhatsApp's binary format abbreviates, without the words of JavaScript.
 *
 * Baileys 7.0.0-rc14 looks up each text that it sends in a plain object (`TOKEN_MAP` in WABinary/constants.js). So it took an id
 * such as `constructor` for an abbreviation, and its receipt for a message with that id was a frame that nobody can read.
 */

import { TOKEN_MAP } from 'baileys/lib/WABinary/constants.js'

Object.setPrototypeOf(TOKEN_MAP, null)
