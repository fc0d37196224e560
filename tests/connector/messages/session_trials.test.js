// @ts-check
/** Sessions of Signal that are tried in vain. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as libsignal from '../../../connector/node_modules/libsignal/index.js'
import * as curve from '../../../connector/node_modules/libsignal/src/curve.js'
import '../../../connector/messages/session_trials.js'

/** Somebody with keys and sessions, which are kept as bytes like those of a connector. @param {number} id */
function somebody(id) {
  const identity = curve.generateKeyPair()
  const signedPreKey = curve.generateKeyPair()
  const preKeys = new Map(Array.from({ length: 5 }, (_, key) => [key, curve.generateKeyPair()]))
  /** @type {Map<string, string>} */
  const sessions = new Map()
  const store = {
    /** @param {string} address */
    loadSession: async address => {
      const kept = sessions.get(address)
      return kept && libsignal.SessionRecord.deserialize(JSON.parse(kept))
    },
    /** @param {string} address @param {any} record */
    storeSession: async (address, record) => void sessions.set(address, JSON.stringify(record.serialize())),
    isTrustedIdentity: () => true,
    /** @param {number} key */
    loadPreKey: async key => preKeys.get(key),
    removePreKey: () => {},
    loadSignedPreKey: () => signedPreKey,
    getOurRegistrationId: () => id,
    getOurIdentity: () => identity
  }
  let given = 0
  return {
    address: new libsignal.ProtocolAddress(`person ${id}`, 0),
    /** What others need to begin a session. */
    bundle: () => {
      const keyId = given++
      const signature = curve.calculateSignature(identity.privKey, signedPreKey.pubKey)
      return {
        registrationId: id,
        identityKey: identity.pubKey,
        signedPreKey: { keyId: 1, publicKey: signedPreKey.pubKey, signature },
        preKey: { keyId, publicKey: /** @type {any} */ (preKeys.get(keyId)).pubKey }
      }
    },
    /** @param {libsignal.ProtocolAddress} to @param {any} bundle */
    begin: (to, bundle) => new libsignal.SessionBuilder(/** @type {any} */ (store), to).initOutgoing(bundle),
    /** @param {libsignal.ProtocolAddress} to @param {string} text */
    seal: (to, text) => new libsignal.SessionCipher(/** @type {any} */ (store), to).encrypt(Buffer.from(text)),
    /** @param {libsignal.ProtocolAddress} from @param {{type: number, body: string}} sealed */
    open: async (from, { type, body }) => {
      const cipher = new libsignal.SessionCipher(/** @type {any} */ (store), from)
      const bytes = Buffer.from(body, 'binary')
      const opened = await (type === 3
        ? cipher.decryptPreKeyWhisperMessage(bytes)
        : cipher.decryptWhisperMessage(bytes))
      return opened.toString()
    }
  }
}

test('a new session stays whole while messages in the older one arrive', async () => {
  const [ann, bo] = [somebody(1), somebody(2)]
  await bo.begin(ann.address, ann.bundle())
  assert.equal(await ann.open(bo.address, await bo.seal(ann.address, 'first')), 'first')
  assert.equal(await bo.open(ann.address, await ann.seal(bo.address, 'answer')), 'answer')
  const crossing = await bo.seal(ann.address, 'in the older session, with the next key')

  await ann.begin(bo.address, bo.bundle())
  assert.equal(await ann.open(bo.address, crossing), 'in the older session, with the next key')

  assert.equal(await bo.open(ann.address, await ann.seal(bo.address, 'in the new one')), 'in the new one')
  assert.equal(await ann.open(bo.address, await bo.seal(ann.address, 'an answer to it')), 'an answer to it')
})

test('a message that no session fits changes none of them', async () => {
  const [ann, bo, eve] = [somebody(1), somebody(2), somebody(3)]
  await bo.begin(ann.address, ann.bundle())
  await ann.open(bo.address, await bo.seal(ann.address, 'first'))
  await eve.begin(ann.address, ann.bundle())
  await ann.open(eve.address, await eve.seal(ann.address, 'of somebody else'))
  await eve.open(ann.address, await ann.seal(eve.address, 'answer'))
  const foreign = await eve.seal(ann.address, 'forged')
  await assert.rejects(ann.open(bo.address, foreign))
  assert.equal(await bo.open(ann.address, await ann.seal(bo.address, 'answer')), 'answer')
})
