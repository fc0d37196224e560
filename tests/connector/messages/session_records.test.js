// @ts-check
/** Records of Signal sessions that are used again. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SessionRecord } from '../../../connector/node_modules/libsignal/index.js'
import { hasOpenSession } from '../../../connector/messages/session_records.js'

const KEY = Buffer.alloc(33, 5)

/** A record with one session. @param {{closed?: number, registrationId?: number | null}} [options] */
function recordOf({ closed = -1, registrationId = 7 } = {}) {
  const entry = /** @type {any} */ (SessionRecord).createEntry()
  Object.assign(entry, {
    registrationId,
    currentRatchet: {
      ephemeralKeyPair: { pubKey: KEY, privKey: KEY },
      lastRemoteEphemeralKey: KEY,
      previousCounter: 0,
      rootKey: KEY
    },
    indexInfo: { baseKey: KEY, baseKeyType: 1, closed, used: 1, created: 1, remoteIdentityKey: KEY }
  })
  const record = /** @type {any} */ (new SessionRecord())
  record.setSession(entry)
  return record
}

const { deserialize } = /** @type {any} */ (SessionRecord)

test('a record is given back once: what is changed and not stored is not seen again', () => {
  const record = recordOf()
  const stored = record.serialize()
  assert.equal(deserialize(stored), record)
  record.getOpenSession().currentRatchet.previousCounter = 99
  const again = deserialize(stored)
  assert.notEqual(again, record)
  assert.equal(again.getOpenSession().currentRatchet.previousCounter, 0)
})

test('each stored value has the record of its own moment', () => {
  const record = recordOf()
  const before = record.serialize()
  record.getOpenSession().currentRatchet.previousCounter = 1
  const after = record.serialize()
  assert.equal(deserialize(before).getOpenSession().currentRatchet.previousCounter, 0)
  assert.equal(deserialize(after).getOpenSession().currentRatchet.previousCounter, 1)
})

test('whether messages can be sealed is seen as libsignal sees it', () => {
  for (const record of [recordOf(), recordOf({ closed: 5 }), recordOf({ registrationId: null }), new SessionRecord()]) {
    const stored = /** @type {any} */ (record).serialize()
    assert.equal(hasOpenSession(stored), /** @type {any} */ (record).haveOpenSession())
  }
  assert.equal(hasOpenSession(undefined), false)
})
