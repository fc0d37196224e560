// @ts-check
/**
 * A shortcut for messages with the same addresses as one that Baileys has handled.
 *
 * Baileys 7.0.0-rc14 looks up both addresses of an author, several times for each message. It stores what is new about them, moves a
 * session to the LID, and opens the message. Then it sends the receipt and makes events of the content, to which nobody here listens.
 * After one message there is nothing left to store or to move. So the next one is opened at the address that Baileys has found, and
 * gets the same receipt.
 *
 * Baileys handles all that is more than that: a message that was sent again or cannot be opened, one of the account itself or of several
 * parts, and a content that says something to the device. It gets what came of the attempt here, and does not open the message again.
 */

import { areJidsSameUser, getBinaryNodeChild, getBinaryNodeChildren, isLidUser } from 'baileys'
import { STORED } from './decryption.js'

/** Addresses for which it is known how their messages are opened. */
const MAX_WAYS = 1_000

/** Attributes with addresses that Baileys reads in a message of somebody else. */
const ADDRESSES = [
  'from',
  'participant',
  'addressing_mode',
  'sender_pn',
  'sender_lid',
  'participant_pn',
  'participant_lid'
]

/** Attributes of messages that are not from somebody else: copies of the account's own, and talk between its devices. */
const OTHERS = ['recipient', 'category', 'peer_recipient_pn', 'peer_recipient_lid', 'recipient_pn', 'recipient_lid']

const CIPHERS = new Set(['pkmsg', 'msg', 'skmsg'])

const CHAT = /@(s\.whatsapp\.net|lid|g\.us)$/

/** @typedef {import('baileys').BinaryNode} Stanza */
/** @typedef {import('./sender_keys.js').Repository} Repository */
/** @typedef {(ciphertext: Uint8Array) => Promise<Uint8Array>} Open */
/** @typedef {ReturnType<typeof openShortcut>} Shortcut */

/**
 * @param {{get: (ciphertext: Uint8Array) => Stanza | undefined}} stanzas of each ciphertext
 * @param {() => {id: string, lid?: string} | undefined} me the account itself
 */
export function openShortcut(stanzas, me) {
  /** How the last message with these addresses was opened, the oldest first. @type {Map<string, Open>} */
  const ways = new Map()
  /** What came of ciphertexts that were opened here. @type {WeakMap<Uint8Array, Promise<Uint8Array>>} */
  const results = new WeakMap()

  /** @param {Uint8Array} ciphertext that Baileys wants to be opened @param {Open} open @param {{isLasting?: boolean}} [options] */
  async function openOnce(ciphertext, open, { isLasting = true } = {}) {
    const result = results.get(ciphertext)
    if (result) return result
    const plaintext = await open(ciphertext)
    if (isLasting && plaintext === STORED) learn(ciphertext, open)
    return plaintext
  }

  /** @param {Uint8Array} ciphertext @param {Open} open */
  function learn(ciphertext, open) {
    const stanza = stanzas.get(ciphertext)
    const name = stanza && !isOwn(stanza) ? nameOf(stanza) : null
    if (name === null || ways.has(name)) return
    ways.set(name, open)
    const [oldest = ''] = ways.keys()
    if (ways.size > MAX_WAYS) ways.delete(oldest)
  }

  /** @param {Stanza} stanza */
  const isOwn = ({ attrs: { from, participant = from } }) =>
    [me()?.id, me()?.lid].some(own => areJidsSameUser(participant, own))

  return {
    /**
     * What Baileys opens messages with.
     * @param {Pick<Repository, 'decryptMessage' | 'decryptGroupMessage'>} repository
     * @param {(key: string, ciphertext: Uint8Array, open: () => Promise<Uint8Array>) => Promise<Uint8Array>} decrypt see decryption.js
     * @returns {Pick<Repository, 'decryptMessage' | 'decryptGroupMessage'>}
     */
    openers: (repository, decrypt) => ({
      decryptMessage({ jid, type, ciphertext }) {
        /** @type {Open} */
        const open = ciphertext => decrypt(jid, ciphertext, () => repository.decryptMessage({ jid, type, ciphertext }))
        // Once it has stored a LID, Baileys opens messages there.
        return openOnce(ciphertext, open, { isLasting: isLidUser(jid) })
      },
      decryptGroupMessage({ group, authorJid, msg }) {
        /** @type {Open} */
        const open = msg => decrypt(group, msg, () => repository.decryptGroupMessage({ group, authorJid, msg }))
        return openOnce(msg, open)
      }
    }),
    /** Forgets the accounts about whose addresses something is new. @param {Record<string, unknown>} rows of lid_mapping.js */
    forget(rows) {
      const users = new Set(Object.entries(rows).map(([name, value]) => `${value ?? name}`))
      for (const name of ways.keys()) if ([...users].some(user => name.includes(user))) ways.delete(name)
    },
    /**
     * @param {(stanza: Stanza) => Promise<void>} handle Baileys' own handler of messages
     * @param {Pick<import('baileys').WASocket, 'ev' | 'sendReceipt'>} socket
     * @returns {(stanza: Stanza) => Promise<void>}
     */
    through(handle, { ev, sendReceipt }) {
      let isOnline = false
      ev.on('connection.update', update => (isOnline = update.isOnline ?? isOnline))
      return async stanza => {
        const open = ways.get(nameOf(stanza) ?? '')
        if (!open) return handle(stanza)
        const { from = '', participant, id = '' } = stanza.attrs
        const ciphertext = /** @type {Uint8Array} */ (getBinaryNodeChild(stanza, 'enc')?.content)
        const result = open(ciphertext)
        results.set(ciphertext, result)
        if ((await result.catch(() => null)) !== STORED) return handle(stanza)
        await sendReceipt(from, participant, [id], isOnline ? undefined : 'inactive').catch(() => {}) // the link has ended
      }
    }
  }
}

/** What decides how a message is opened; null for one that Baileys has to handle. @param {Stanza} stanza */
function nameOf(stanza) {
  const { attrs } = stanza
  const [sealed, ...others] = getBinaryNodeChildren(stanza, 'enc')
  if (!sealed || others.length > 0 || !(sealed.content instanceof Uint8Array)) return null
  if (!CIPHERS.has(sealed.attrs.type ?? '') || sealed.attrs.count) return null
  if (!attrs.id || !CHAT.test(attrs.from ?? '') || OTHERS.some(name => attrs[name])) return null
  if (['unavailable', 'plaintext'].some(tag => getBinaryNodeChild(stanza, tag))) return null
  return [sealed.attrs.type, ...ADDRESSES.map(name => attrs[name])].join(' ')
}
