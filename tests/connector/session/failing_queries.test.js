// @ts-check
/** Each query that Baileys makes by itself, refused, unanswered and cut off. Only known rejections stay unhandled. */

import { openAccount, until } from '../../support/connector/account.js'
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isFailedQuery } from '../../../connector/session/own_queries.js'
import { openSandbox } from '../../support/connector/sandbox_client.js'

const ANN = '15551234567'

/** Limit for an answer in these tests, in seconds. The real limit of ten is for real networks. */
const LIMITS = { query: 0.3, handlers: { message: 3, afterStored: 3, other: 3 } }

/** What makes the connected device ask; undefined: it asks at its login. @type {Record<string, ((post: Function, contact: string) => Promise<unknown>) | undefined>} */
const QUERIES = {
  'get encrypt count': undefined,
  'set encrypt registration': post => post('notify', { phoneNumber: ANN, about: 'pre-keys' }),
  'set passive active': undefined,
  'get encrypt digest': undefined,
  'get abt props': undefined,
  'get blocklist': undefined,
  'get privacy privacy': undefined,
  'set urn:xmpp:whatsapp:dirty clean': undefined,
  'get usync usync': (post, contact) => post('send', { from: contact, to: ANN, text: 'Hello', hasOneAddress: true }),
  'get encrypt key': async (post, contact) => {
    await post('send', { from: contact, to: ANN, text: 'Hello' })
    await post('notify', { phoneNumber: ANN, about: 'identity', from: contact })
  },
  'set w:sync:app:state sync': post => post('notify', { phoneNumber: ANN, about: 'app-state' })
}

/** What becomes of the query. @type {Record<string, (kind: string) => object>} */
const EVERY_FATE = {
  'refused with 429': kind => ({ queryError: { kind, code: 429 } }),
  'refused with 500': kind => ({ queryError: { kind, code: 500 } }),
  unanswered: kind => ({ silentQueries: kind }),
  'cut off by the TCP connection': kind => ({ queryCut: { value: { kind, how: 'drop' }, times: 1 } }),
  'cut off by a close frame': kind => ({ queryCut: { value: { kind, how: 'close' }, times: 1 } })
}

/** All of them with FATES=all, which takes longer. */
const FATES = Object.entries(EVERY_FATE).filter(([fate]) => process.env.FATES === 'all' || !/500|close/.test(fate))

/** @param {Awaited<ReturnType<typeof openAccount>>} account */
const isOpen = account => account.session().snapshot().phase === 'open'

/** @type {unknown[]} */
const unhandled = []
process.removeAllListeners('unhandledRejection')
process.on('unhandledRejection', error => void unhandled.push(error))

describe('a query of Baileys', { concurrency: 4 }, () => {
  for (const [kind, trigger] of Object.entries(QUERIES)) {
    test(`${kind} may fail`, async t => {
      const { put, post, state, url, rootKey } = await openSandbox(t)
      const environment = { MOTTE_WHATSAPP_URL: url, MOTTE_WHATSAPP_ROOT_KEY: rootKey }
      const scan = (/** @type {string} */ qrCode) => post('scan', { qrCode, phoneNumber: ANN })
      const account = await openAccount(t, /** @type {any} */ ({ environment, scan }), LIMITS)
      for (const [index, [fate, faults]] of FATES.entries()) {
        await account.again()
        if (trigger) await until(() => isOpen(account))
        await put('faults', { dirty: 'groups', ...faults(kind) })
        await trigger?.(post, `491511234567${index}`)
        const isUsedUp = async () => !fate.startsWith('cut') || (await state()).faults.queryCut === undefined
        await until(async () => (await isUsedUp()) && isOpen(account), `${kind}, ${fate}: open`)
        await new Promise(resolve => setTimeout(resolve, fate === 'unanswered' ? 1000 * LIMITS.query : 50))
        await until(() => isOpen(account), `${kind}, ${fate}: still open`)
      }
    })
  }
})

test('each unhandled rejection of these failures counts as a failed query', () => {
  assert.deepEqual(
    unhandled.filter(error => !isFailedQuery(error)).map(error => (error instanceof Error ? error.stack : error)),
    []
  )
})
