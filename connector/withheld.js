// @ts-check
/**
 * Messages whose content never comes to a linked device. Baileys 7.0.0-rc14 confirms them and tells nothing of them
 * (handleMessage in Socket/messages-recv.js, decryptMessageNode in Utils/decode-wa-message.js).
 */

import { getBinaryNodeChild, getBinaryNodeChildren } from 'baileys'

/** Kinds of content that WhatsApp shows on the phone alone: a picture that can be viewed once is the common one. */
const PHONE_ONLY = new Set([
  'view_once',
  'view_once_unavailable_fanout',
  'bot_unavailable_fanout',
  'hosted_unavailable_fanout'
])

/** The cipher of answers of bots. Baileys cannot open it. */
const OF_BOTS = 'msmsg'

/** Seconds. Baileys asks the phone for the content of younger messages (PLACEHOLDER_MAX_AGE_SECONDS). */
const TOO_OLD = 14 * 86_400

/**
 * @param {import('baileys').BinaryNode} stanza
 * @param {number} [now] milliseconds since 1970
 */
export function isWithheld(stanza, now = Date.now()) {
  const [sealed] = getBinaryNodeChildren(stanza, 'enc')
  if (sealed) return sealed.attrs.type === OF_BOTS
  const unavailable = getBinaryNodeChild(stanza, 'unavailable')
  if (!unavailable) return false
  return PHONE_ONLY.has(unavailable.attrs.type ?? '') || now / 1000 - Number(stanza.attrs.t) > TOO_OLD
}
