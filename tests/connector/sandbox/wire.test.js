// @ts-check
/** The lowest layers: frames, certificates, keys. */

import assert from 'node:assert/strict'
import { test } from 'node:test'
import '../../../connector/sandbox/server/silence_libraries.js'
import { proto } from '../../../connector/node_modules/baileys/lib/index.js'
import { frame, FrameReader } from '../../../connector/sandbox/protocol/frames.js'
import { isSignedBy, keyPairFrom } from '../../../connector/sandbox/protocol/keys.js'
import { makeTrust, ROOT_SEED } from '../../../connector/sandbox/protocol/certificates.js'

const INTRO = Buffer.from('WA\x06\x03')
const ROUTING = Buffer.concat([Buffer.from('ED\x00\x01\x00\x00\x02'), Buffer.from('eu')])
const PAYLOADS = [Buffer.from('first'), Buffer.alloc(70_000, 7), Buffer.alloc(0)]
const STREAM = Buffer.concat([INTRO, ...PAYLOADS.map(frame)])

for (const size of [1, 2, 3, 1000, STREAM.length]) {
  test(`frames are whole, though they arrive in pieces of ${size} bytes`, () => {
    const reader = new FrameReader()
    const starts = Array.from({ length: Math.ceil(STREAM.length / size) }, (_, n) => n * size)
    const frames = starts.flatMap(start => reader.push(STREAM.subarray(start, start + size)))
    assert.deepEqual(frames, PAYLOADS)
    assert.deepEqual(reader.intro, INTRO)
  })
}

test('a routing prefix is skipped', () => {
  const reader = new FrameReader()
  const frames = [...Buffer.concat([ROUTING, STREAM])].flatMap(byte => reader.push(Buffer.from([byte])))
  assert.deepEqual(frames, PAYLOADS)
})

test('a stream that begins in another way is refused', () => {
  assert.throws(() => new FrameReader().push(Buffer.from('GET / HTTP/1.1')), /does not begin/)
})

test('the root key is always the same', () => {
  const { rootKey } = makeTrust(keyPairFrom('server'), ROOT_SEED)
  assert.equal(rootKey, '32b72245295648cf426d8aa686e48700e230f365568462c82de614f18c5c0539')
})

test('another seed makes another root', () => {
  assert.notEqual(makeTrust(keyPairFrom('server'), 'mine').rootKey, makeTrust(keyPairFrom('server')).rootKey)
})

test('the root signs the intermediate, which signs the key of the server', () => {
  const server = keyPairFrom('server')
  const { rootKey, chain } = makeTrust(server)
  const { intermediate, leaf } = certificates(chain)
  assert.ok(isSignedBy(Buffer.from(rootKey, 'hex'), intermediate.bytes, intermediate.signature))
  assert.ok(isSignedBy(intermediate.details.key, leaf.bytes, leaf.signature))
  assert.deepEqual(Buffer.from(leaf.details.key), Buffer.from(server.public))
})

test('each certificate names its issuer', () => {
  const { intermediate, leaf } = certificates(makeTrust(keyPairFrom('server')).chain)
  assert.equal(intermediate.details.issuerSerial, 0)
  assert.equal(leaf.details.issuerSerial, intermediate.details.serial)
})

test('certificates are in date', () => {
  const now = Date.now() / 1000
  for (const { details } of Object.values(certificates(makeTrust(keyPairFrom('server')).chain)))
    assert.ok(Number(details.notBefore) < now && now < Number(details.notAfter))
})

test('the root has not signed the foreign chain', () => {
  const { rootKey, foreignChain } = makeTrust(keyPairFrom('server'))
  const { intermediate } = certificates(foreignChain)
  assert.equal(isSignedBy(Buffer.from(rootKey, 'hex'), intermediate.bytes, intermediate.signature), false)
})

/** @param {Uint8Array} chain */
function certificates(chain) {
  const { intermediate, leaf } = proto.CertChain.decode(chain)
  return { intermediate: certificate(intermediate), leaf: certificate(leaf) }
}

/** @param {proto.CertChain.INoiseCertificate | null | undefined} certificate */
function certificate(certificate) {
  const bytes = /** @type {Uint8Array} */ (certificate?.details)
  const details = proto.CertChain.NoiseCertificate.Details.decode(bytes)
  const signature = /** @type {Uint8Array} */ (certificate?.signature)
  return { bytes, signature, details: { ...details, key: /** @type {Uint8Array} */ (details.key) } }
}
