// @ts-check
/** What the bundle has in place of the package pino: everything that Baileys calls, and nothing is logged. */

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import pino from '../../../connector/replacements/pino.js'

const LIBRARY = join(import.meta.dirname, '../../../connector/node_modules/baileys/lib')

const files = readdirSync(LIBRARY, { recursive: true, encoding: 'utf8' }).filter(name => name.endsWith('.js'))
const texts = files.map(name => /** @type {const} */ ([name, readFileSync(join(LIBRARY, name), 'utf8')]))

test('Baileys makes one logger', () => {
  const users = texts.filter(([, text]) => /from 'pino'/.test(text)).map(([name]) => name)
  assert.deepEqual(users, [join('Utils', 'logger.js')])
})

test('the logger has whatever Baileys uses of it, and so has its child', () => {
  const used = new Set(
    texts.flatMap(([, text]) => [...text.matchAll(/\blogger\??\.(\w+)/g)].map(([, name = '']) => name))
  )
  used.delete('js')
  const logger = /** @type {any} */ (pino())
  for (const made of [logger, logger.child({ class: 'baileys' })])
    for (const name of used) assert.notEqual(made[name], undefined, name)
  assert.equal(logger.level, 'silent')
  logger.level = 'silent'
  assert.equal(logger.error({ secret: 'a' }, 'text'), undefined)
})
