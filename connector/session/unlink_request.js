// @ts-check
/** Request to WhatsApp to remove this device. Baileys' own logout does not wait for the answer. */

import { S_WHATSAPP_NET } from 'baileys'
import { UNLINK_TIMEOUT_SECONDS } from './socket_limits.js'

/**
 * @param {Pick<import('baileys').WASocket, 'query' | 'generateMessageTag'>} socket that is logged in
 * @param {Pick<import('baileys').AuthenticationCreds, 'me'>} creds
 * @returns {Promise<boolean>} whether WhatsApp confirms it; never rejected
 */
export async function requestUnlink({ query, generateMessageTag }, { me }) {
  const content = [{ tag: 'remove-companion-device', attrs: { jid: me?.id ?? '', reason: 'user_initiated' } }]
  const attrs = { to: S_WHATSAPP_NET, type: 'set', xmlns: 'md', id: generateMessageTag() }
  try {
    return Boolean(await query({ tag: 'iq', attrs, content }, UNLINK_TIMEOUT_SECONDS * 1000))
  } catch {
    return false
  }
}
