// @ts-check
/**
 * Messages whose content WhatsApp withholds from linked devices. Baileys 7.0.0-rc14 confirms them and reports nothing
 * (handleMessage in Socket/messages-recv.js, decryptMessageNode in Utils/decode-wa-message.js).
 */

import { getBinaryNodeChild, getBinaryNodeChildren } from 'baileys'

/** Media that can be viewed once. Only the phone shows them. */
const VIEW_ONCE_TYPES = new Set(['view_once', 'view_once_unavailable_fanout'])

/** Other content that only the phone gets. */
const PHONE_ONLY_TYPES = new Set(['bot_unavailable_fanout', 'hosted_unavailable_fanout'])

/** The cipher of answers of bots. Baileys cannot decrypt it. */
const BOT_CIPHER = 'msmsg'

/** Age up to which Baileys asks the phone for the content (its PLACEHOLDER_MAX_AGE_SECONDS). */
const PLACEHOLDER_MAX_AGE_SECONDS = 14 * 86_400

/**
 * The kind of a message that is withheld; null for any other.
 * @param {import('baileys').BinaryNode} stanza
 * @param {number} [now] milliseconds since 1970
 * @returns {'view_once' | 'undecryptable' | null}
 */
export function withheldKind(stanza, now = Date.now()) {
  const [sealed] = getBinaryNodeChildren(stanza, 'enc')
  if (sealed) return sealed.attrs.type === BOT_CIPHER ? 'undecryptable' : null
  const unavailable = getBinaryNodeChild(stanza, 'unavailable')
  if (!unavailable) return null
  const { type = '' } = unavailable.attrs
  if (VIEW_ONCE_TYPES.has(type)) return 'view_once'
  return PHONE_ONLY_TYPES.has(type) || now / 1000 - Number(stanza.attrs.t) > PLACEHOLDER_MAX_AGE_SECONDS
    ? 'undecryptable'
    : null
}
