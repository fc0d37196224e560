// @ts-check
/** Caches of devices and of groups' members: they keep what is current, and only so much. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createDeviceCache } from '../../../connector/outbound/device_cache.js'
import { createGroupCache } from '../../../connector/outbound/group_cache.js'

const PHONE = [{ user: '1', server: 's.whatsapp.net', device: 0 }]
const MEMBERS = { participants: [{ id: '1@s.whatsapp.net', notify: 'Ann' }], addressingMode: /** @type {any} */ ('pn') }

describe('devices', () => {
  test('are kept for a day, and not for longer', () => {
    const clock = { now: 0 }
    const cache = createDeviceCache({ now: () => clock.now })
    cache.set('1', PHONE)
    clock.now = 24 * 3_600_000 - 1
    assert.deepEqual(cache.get('1'), PHONE)
    clock.now += 1
    assert.equal(cache.get('1'), undefined)
  })

  test('of 5,000 accounts are kept; one more, and the account that was used longest ago is forgotten', () => {
    const cache = createDeviceCache()
    cache.mset(Array.from({ length: 5_000 }, (_, n) => ({ key: String(n), value: PHONE })))
    assert.ok(cache.get('0'))
    cache.set('5000', PHONE)
    assert.deepEqual(cache.mget(['0', '1', '2', '5000']), { 0: PHONE, 1: undefined, 2: PHONE, 5000: PHONE })
  })

  test('are forgotten one by one, or all', () => {
    const cache = createDeviceCache()
    cache.mset(['1', '2'].map(key => ({ key, value: PHONE })))
    cache.del('1')
    assert.deepEqual(cache.mget(['1', '2']), { 1: undefined, 2: PHONE })
    cache.flushAll()
    assert.equal(cache.get('2'), undefined)
  })
})

describe('members of a group', () => {
  test('are kept for ten minutes without their names, and not for longer', () => {
    const clock = { now: 0 }
    const cache = createGroupCache({ now: () => clock.now })
    cache.set('1@g.us', /** @type {any} */ (MEMBERS))
    clock.now = 599_999
    assert.deepEqual(cache.get('1@g.us')?.participants, [{ id: '1@s.whatsapp.net' }])
    clock.now += 1
    assert.equal(cache.get('1@g.us'), undefined)
  })

  test('are forgotten when the group has changed', () => {
    const cache = createGroupCache()
    cache.set('1@g.us', /** @type {any} */ (MEMBERS))
    cache.drop('1@g.us')
    assert.equal(cache.get('1@g.us'), undefined)
  })

  test('are kept of 200 groups; one more, and the oldest is forgotten', () => {
    const cache = createGroupCache()
    for (let n = 0; n <= 200; n++) {
      cache.set(`${n}@g.us`, /** @type {any} */ (MEMBERS))
      if (n === 199) assert.ok(cache.get('0@g.us'))
    }
    assert.equal(cache.get('0@g.us'), undefined)
    assert.ok(cache.get('1@g.us'))
  })
})
