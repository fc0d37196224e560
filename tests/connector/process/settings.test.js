// @ts-check
/** Settings that a connector accepts when it starts. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BadSetting, readSettings } from '../../../connector/settings.js'

const STATE = { MOTTE_STATE: '/srv/motte' }

test('unset settings are left to Baileys', () => {
  assert.deepEqual(readSettings(['shop'], { ...STATE, MOTTE_WHATSAPP_URL: '' }), {
    id: 'shop',
    folder: '/srv/motte/sessions/shop',
    url: undefined,
    rootKey: undefined,
    memory: undefined,
    qrLifetime: undefined
  })
})

test('every setting is converted to its type', () => {
  const settings = readSettings(['shop'], {
    ...STATE,
    MOTTE_WHATSAPP_URL: 'ws://127.0.0.1:8091/ws/chat',
    MOTTE_WHATSAPP_ROOT_KEY: 'ab'.repeat(32),
    MOTTE_QR_LIFETIME: '0.5'
  })
  assert.equal(settings.url, 'ws://127.0.0.1:8091/ws/chat')
  assert.deepEqual(settings.rootKey, Buffer.alloc(32, 0xab))
  assert.equal(settings.qrLifetime, 0.5)
})

/** @type {[string, string[], Record<string, string | undefined>, RegExp][]} */
const REFUSED = [
  ['no id', [], {}, /session id/],
  ['two ids', ['shop', 'bar'], {}, /session id/],
  ['an id that leaves the folder', ['../shop'], {}, /session id/],
  ['an id with a line end', ['shop\n'], {}, /session id/],
  ['no state folder', ['shop'], { MOTTE_STATE: undefined }, /MOTTE_STATE must be set/],
  [
    'an endpoint that is no WebSocket',
    ['shop'],
    { MOTTE_WHATSAPP_URL: 'https://web.whatsapp.com' },
    /MOTTE_WHATSAPP_URL must be a ws/
  ],
  ['an endpoint that is no URL', ['shop'], { MOTTE_WHATSAPP_URL: 'whatsapp' }, /MOTTE_WHATSAPP_URL/],
  ['a short root key', ['shop'], { MOTTE_WHATSAPP_ROOT_KEY: 'abcd' }, /MOTTE_WHATSAPP_ROOT_KEY must be a public key/],
  ['a lifetime of nothing', ['shop'], { MOTTE_QR_LIFETIME: '0' }, /MOTTE_QR_LIFETIME must be a number of seconds/],
  ['a lifetime that is no number', ['shop'], { MOTTE_QR_LIFETIME: 'long' }, /MOTTE_QR_LIFETIME/]
]

for (const [what, args, environment, message] of REFUSED) {
  test(`${what} is refused by name`, () => {
    assert.throws(
      () => readSettings(args, { ...STATE, ...environment }),
      error => error instanceof BadSetting && message.test(error.message)
    )
  })
}
