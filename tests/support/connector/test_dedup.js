// @ts-check
/** What stores messages, with a database on the disk and a front that only takes down what it gets. */

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDedup } from '../../../connector/messages/dedup.js'
import { openConnectorDatabase } from '../../../connector/storage/database.js'

/**
 * @param {import('node:test').TestContext} t
 * @param {Parameters<typeof openDedup>[2]} [options]
 */
export function openTestDedup(t, options) {
  const folder = mkdtempSync(join(tmpdir(), 'motte-dedup-'))
  const database = openConnectorDatabase(folder)
  t.after(() => {
    database.close()
    rmSync(folder, { recursive: true })
  })
  /** @type {any[]} */
  const reported = []
  const dedup = openDedup(database, () => ({ spool: event => void reported.push(event), deliver() {} }), options)
  t.after(() => dedup.close())
  return { database, dedup, reported: () => reported, copy: messageCopy }
}

/**
 * A copy of a text.
 * @param {{id?: string, chat: string[], sender?: string[]} & Partial<import('../../../connector/messages/dedup.js').MessageCopy>} named
 */
export function messageCopy({ id = 'ID', chat, sender = chat, ...more }) {
  return /** @type {import('../../../connector/messages/dedup.js').MessageCopy & {message: any}} */ ({
    id,
    aliases: { chat, sender },
    message: { id, chat: chat[0], sender: sender[0], kind: 'text', text: 'Hi' },
    ...more
  })
}
