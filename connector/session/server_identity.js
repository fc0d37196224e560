// @ts-check
/**
 * Identity of the server that an account was linked with: the real WhatsApp, or a test server such as the sandbox.
 *
 * Another server does not know the device and refuses its login, which looks like a removal by the phone. So the identity of
 * the server is stored with the credentials. A connector whose settings lead to another server opens no socket.
 */

import { WA_CERT_DETAILS } from 'baileys'

/** The real one. Its key is not its name, because a release of Baileys may change the key. */
const WHATSAPP = 'whatsapp'

/** Root key of the real one, read before `checkCertificates` replaces it. */
export const WHATSAPP_ROOT_KEY = rootKey(WA_CERT_DETAILS)

/** Name of the fact in connector.db. server/connectors/credentials.py reads it too. */
const FACT = 'server'

/** @typedef {ReturnType<typeof openServerIdentity>} ServerIdentity */

/**
 * @param {Pick<import('../storage/database.js').ConnectorDatabase, 'facts'>} database
 * @param {Pick<import('../settings.js').Settings, 'rootKey'>} settings
 */
export function openServerIdentity({ facts }, { rootKey }) {
  const isReal = !rootKey || WHATSAPP_ROOT_KEY.equals(rootKey)
  const current = isReal ? WHATSAPP : rootKey.toString('hex')
  return {
    /** The server to which the settings lead: `whatsapp`, or the root key of another one in hex. */
    current,
    /** The server that the account was linked with. Credentials from before this fact belong to the real one. */
    linked: () => String(facts.get(FACT) ?? WHATSAPP),
    /** Stores that the account is linked with the present server. Call it inside a transaction. */
    remember() {
      if (facts.get(FACT) !== current) facts.set(FACT, current)
    }
  }
}

/** Without this key no certificate proves anything. Baileys 6 does not name it. @param {{PUBLIC_KEY?: Uint8Array}} details */
function rootKey({ PUBLIC_KEY: key }) {
  if (!key)
    throw new Error(
      'Baileys does not name the root key of WhatsApp, so no certificate could be checked: see server_identity.js'
    )
  return Buffer.from(key)
}
