// @ts-check
/** As connector/network/binary_tokens.js, for the Baileys of the sandbox, which `make drift` leaves as it is. */

import { TOKEN_MAP } from 'baileys/lib/WABinary/constants.js'

Object.setPrototypeOf(TOKEN_MAP, null)
