// @ts-check
/**
 * Messages whose content never comes to a linked device. Baileys 7.0.0-rc14 confirms them and tells nothing of them
 * (handleMessage in Socket/messages-recv.js, decryptMessageNode in Utils/decode-wa-message.js).
 */

import { getBinaryNodeChild, getBinaryNodeChildren } from 'baileys'

/** Pictures and voices that can be viewed once, which the phone alone shows. */
const VIEW_ONCE = new Set(['view_once', 'view_once_unavailable_fanout'])

/** Other content that is kept from linked devices. */
const PHONE_ONLY = new Set(['bot_unavailable_fanout', 'hosted_unavailable_fanout'])

/** The cipher of answers of bots. Baileys cannot open it. */
const OF_BOTS = 'msmsg'

/** Seconds. Baileys asks the phone for the content of younger messages (PLACEHOLDER_MAX_AGE_SECONDS). */
const TOO_OLD = 14 * 86_400

/**
 * The kind of a message that is withheld; null for any other.
 * @param {import('baileys').BinaryNode} stanza
 * @param {number} [now] milliseconds since 1970
 * @returns {'view_once' | 'undecryptable' | null}
 */
export function withheldKind(stanza, now = Date.now()) {
  const [sealed] = getBinaryNodeChildren(stanza, 'enc')
  if (sealed) return sealed.attrs.type === OF_BOTS ? 'undecryptable' : null
  const unavailable = getBinaryNodeChild(stanza, 'unavailable')
  if (!unavailable) return null
  const { type = '' } = unavailable.attrs
  if (VIEW_ONCE.has(type)) return 'view_once'
  return PHONE_ONLY.has(type) || now / 1000 - Number(stanza.attrs.t) > TOO_OLD ? 'undecryptable' : null
}
