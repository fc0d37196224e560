// @ts-check
/**
 * Which WhatsApp an account was linked with: the real one, or a test server such as the sandbox.
 *
 * A login at another server than that can only lose the link: that server does not know the device and refuses it, which
 * looks like a removal by the phone. So the identity of the server is stored with the credentials, and a connector that is
 * sent elsewhere opens no socket.
 */

import { WA_CERT_DETAILS } from 'baileys'

/** The real one. It is not named by its key, which may change with a release of Baileys. */
const WHATSAPP = 'whatsapp'

/** The root key of the real one, read before `beStrict` replaces it. */
export const WHATSAPP_ROOT_KEY = rootKey(WA_CERT_DETAILS)

/** The fact in connector.db. server/connectors/credentials.py reads it too. */
const FACT = 'server'

/** @typedef {ReturnType<typeof openServerIdentity>} ServerIdentity */

/**
 * @param {Pick<import('../storage/database.js').Record, 'facts'>} record
 * @param {Pick<import('../settings.js').Settings, 'rootKey'>} settings
 */
export function openServerIdentity({ facts }, { rootKey }) {
  const isReal = !rootKey || WHATSAPP_ROOT_KEY.equals(rootKey)
  const current = isReal ? WHATSAPP : rootKey.toString('hex')
  return {
    /** The server to which the settings lead: `whatsapp`, or the root key of another one in hex. */
    current,
    /** The server with which the account was linked. Credentials of a version before this fact are taken for WhatsApp's own. */
    linked: () => String(facts.get(FACT) ?? WHATSAPP),
    /** Writes down that the account is linked with the present server. Meant for the inside of a transaction. */
    remember() {
      if (facts.get(FACT) !== current) facts.set(FACT, current)
    }
  }
}

/** Without it no certificate proves anything: Baileys 6 names none. @param {{PUBLIC_KEY?: Uint8Array}} details */
function rootKey({ PUBLIC_KEY: key }) {
  if (!key)
    throw new Error(
      'Baileys does not name the root key of WhatsApp, so no certificate could be checked: see server_identity.js'
    )
  return Buffer.from(key)
}
