// @ts-check
/**
 * Table of message secrets. What is said about a message later (edits, votes, reactions in communities) may be encrypted with the
 * secret that came with it, so that secrets outlive their messages here.
 */

import { proto } from 'baileys'

/** Secrets of ordinary messages that are kept. An edit comes within 15 minutes. */
const REMEMBERED_MESSAGES = 10_000

/** Secrets of polls and events that are kept: people answer them for weeks. */
const REMEMBERED_POLLS = 1_000

/** UTF-16 units of the answers of one poll that are kept. WhatsApp's apps make 12 answers of 100 characters. */
const MAX_OPTIONS_LENGTH = 8_192

/** @typedef {ReturnType<typeof openMessageSecrets>} MessageSecrets */

/**
 * @typedef {object} Kept
 * @property {Uint8Array} secret
 * @property {string[] | null} options answers of a poll; an empty list for an event; null for any other message
 * @property {{id: string, chat: string, sender: string}} [of] the message that has this secret, if not the one that is stored with it
 */

/** Finds a message by any of the addresses of its chat and its author. @typedef {{id: string, chat: string, chatAlt: string, sender: string, senderAlt: string}} Key */

/** @param {import('node:sqlite').DatabaseSync} connection @param {{now?: () => number}} [options] now: milliseconds since 1970 */
export function openMessageSecrets(connection, { now = Date.now } = {}) {
  const insert = connection.prepare(
    'INSERT INTO secrets (id, chat, sender, secret, options, at) VALUES (:id, :chat, :sender, :secret, :options, :at)'
  )
  const select = connection.prepare(
    `SELECT sender, secret, options FROM secrets
    WHERE id = :id AND chat IN (:chat, :chatAlt) AND sender IN (:sender, :senderAlt) ORDER BY number DESC`
  )
  // A secret goes with each message that is sent.
  const selectSent = connection.prepare('SELECT message FROM sent WHERE id = :id')
  const trim = connection.prepare('DELETE FROM secrets WHERE options IS NULL AND number <= :last')
  const erase = connection.prepare(`UPDATE secrets SET options = '[]' WHERE options <> '[]' AND at < :before`)
  const trimPolls = connection.prepare(
    `DELETE FROM secrets WHERE options IS NOT NULL AND number <= (
      SELECT number FROM secrets WHERE options IS NOT NULL ORDER BY number DESC LIMIT 1 OFFSET ${REMEMBERED_POLLS}
    )`
  )
  return {
    /**
     * Keeps the secret of a message. Call it in the transaction that stores the message.
     * @param {{id: string, chat: string, sender: string}} message addresses as its first copy named them
     * @param {Kept} kept
     */
    keep({ id, chat, sender }, { secret, options }) {
      const row = { id, chat, sender, secret, options: options && JSON.stringify(fitting(options)), at: now() }
      const { lastInsertRowid } = insert.run(row)
      trim.run({ last: Number(lastInsertRowid) - REMEMBERED_MESSAGES })
      if (options) trimPolls.run()
    },
    /** Erases the answers of polls that came before a moment: votes have no titles then. @param {number} before milliseconds since 1970 */
    erase: before => Number(erase.run({ before }).changes),
    /**
     * The secrets that a message may have: several, if a sender used an id again.
     * @param {Key} key
     * @param {{isOwn?: boolean}} [options] isOwn: the account wrote the message, and may have sent it from here
     */
    find(key, { isOwn = false } = {}) {
      const found = select.all(key).map(row => ({
        sender: String(row.sender),
        secret: /** @type {Uint8Array} */ (row.secret),
        options: /** @type {string[]} */ (JSON.parse(String(row.options ?? '[]')))
      }))
      const sent = isOwn && selectSent.get({ id: key.id })?.message
      const secret = sent && proto.Message.decode(/** @type {Uint8Array} */ (sent)).messageContextInfo?.messageSecret
      return secret ? [...found, { sender: key.sender, secret, options: [] }] : found
    }
  }
}

/** The first answers, as many as are kept. @param {string[]} options */
function fitting(options) {
  let left = MAX_OPTIONS_LENGTH
  return options.filter(option => (left -= option.length) >= 0)
}
