// @ts-check
/**
 * Table of addresses that callers know without the other address of the same account: a LID without its number, or a number without
 * its LID. Once WhatsApp tells the other one, callers hear of it.
 *
 * A row is named as in the mapping that Baileys stores (lid_mapping.js): `number`, or `LID_reverse`.
 */

import { KIND, REVERSE } from './lid_mapping.js'

/** Addresses that are remembered. */
const REMEMBERED_ADDRESSES = 10_000

const SERVERS = { number: '@s.whatsapp.net', lid: '@lid' }

/** Digits of a telephone number (ITU-T E.164). */
const NUMBER = /^\d{1,15}$/

/** @typedef {{lid: string, number: string}} Link lid: an address; number: digits */

/** @param {import('node:sqlite').DatabaseSync} connection */
export function openContactLinks(connection) {
  const insert = connection.prepare('INSERT OR IGNORE INTO unlinked (name) VALUES (:name)')
  const trim = connection.prepare('DELETE FROM unlinked WHERE number <= :last')
  const remove = connection.prepare('DELETE FROM unlinked WHERE name = :name')
  const known = connection.prepare(
    `SELECT name, value FROM unlinked JOIN credentials ON kind = '${KIND}' AND id = name ORDER BY number`
  )
  /** Whether the table is empty, as it mostly is. */
  let isEmpty = connection.prepare('SELECT 1 FROM unlinked LIMIT 1').get() === undefined

  /** Whether callers know one of the addresses without the other. @param {string} lid user of the LID @param {string} number */
  const settle = (lid, number) => {
    if (isEmpty) return false
    return [number, `${lid}${REVERSE}`].map(name => Number(remove.run({ name }).changes)).some(Boolean)
  }

  return {
    /**
     * Takes in the addresses of a message that callers get.
     * @param {import('./addresses.js').Addresses['aliases']} aliases
     * @returns {Link[]} what callers did not know
     */
    see({ chat, sender }) {
      /** @type {Link[]} */
      const links = []
      for (const aliases of chat[0] === sender[0] ? [chat] : [chat, sender]) {
        const lid = userOf(aliases, SERVERS.lid)
        const number = userOf(aliases, SERVERS.number)
        if (lid && number && settle(lid, number)) links.push(...linkOf(lid, number))
        if (Boolean(lid) === Boolean(number)) continue
        const { changes, lastInsertRowid } = insert.run({ name: number ?? `${lid}${REVERSE}` })
        if (changes) trim.run({ last: Number(lastInsertRowid) - REMEMBERED_ADDRESSES })
        isEmpty = false
      }
      return links
    },
    /**
     * Takes in rows of the mapping that were just written.
     * @param {Record<string, unknown>} rows
     * @returns {Link[]} what callers did not know
     */
    learn(rows) {
      if (isEmpty) return []
      return Object.entries(rows).flatMap(([name, value]) => {
        if (typeof value !== 'string') return []
        const isReverse = name.endsWith(REVERSE)
        const [lid, number] = isReverse ? [name.slice(0, -REVERSE.length), value] : [value, name]
        return settle(lid, number) ? linkOf(lid, number) : []
      })
    },
    /** The same for thousands of rows: those of a history. @returns {Link[]} */
    learnAll() {
      if (isEmpty) return []
      const rows = known.all().map(({ name, value }) => [String(name), JSON.parse(String(value))])
      return this.learn(Object.fromEntries(rows))
    }
  }
}

/** @param {readonly string[]} aliases @param {string} server */
const userOf = (aliases, server) => aliases.find(address => address.endsWith(server))?.slice(0, -server.length)

/** @param {string} lid @param {string} number @returns {Link[]} */
const linkOf = (lid, number) => (NUMBER.test(number) ? [{ lid: `${lid}${SERVERS.lid}`, number }] : [])
