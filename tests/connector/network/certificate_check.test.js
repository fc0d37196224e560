// @ts-check
/** Certificates that prove a server, and those that do not. */

import '../../../connector/process/silence_libraries.js'
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Curve, proto } from '../../../connector/node_modules/baileys/lib/index.js'
import {
  checkCertificates,
  CertificateRejected,
  faultOf,
  outdatedOf
} from '../../../connector/network/certificate_check.js'

const NOW = 1_800_000_000
const root = Curve.generateKeyPair()
const issuer = Curve.generateKeyPair()
const server = Curve.generateKeyPair()

/** @param {import('../../../connector/node_modules/baileys/lib/index.js').KeyPair} signer @param {proto.CertChain.NoiseCertificate.IDetails} said */
function certificate(signer, said) {
  const details = proto.CertChain.NoiseCertificate.Details.encode({
    notBefore: NOW - 10,
    notAfter: NOW + 10,
    ...said
  }).finish()
  return { details, signature: Curve.sign(signer.private, details) }
}

const good = () => ({
  intermediate: certificate(root, { serial: 7, issuerSerial: 0, key: issuer.public }),
  leaf: certificate(issuer, { serial: 8, issuerSerial: 7, key: server.public })
})

/** @param {object} [changes] */
const fault = (changes = {}) => faultOf({ ...good(), ...changes }, { serverKey: server.public, rootKey: root.public })

/** @param {object} [changes] */
const outdated = (changes = {}, now = NOW) => outdatedOf({ ...good(), ...changes }, now)

test('a chain from the root to the key of the server has no fault', () => assert.equal(fault(), null))

test('a foreign root is refused', () => {
  const intermediate = certificate(Curve.generateKeyPair(), { serial: 7, issuerSerial: 0, key: issuer.public })
  assert.equal(fault({ intermediate }), 'the root has not signed the intermediate')
})

test('a leaf with a signature of another key is refused', () => {
  const leaf = certificate(Curve.generateKeyPair(), { serial: 8, issuerSerial: 7, key: server.public })
  assert.equal(fault({ leaf }), 'the intermediate has not signed the leaf')
})

test('a leaf for another key than that of the handshake is refused', () => {
  const leaf = certificate(issuer, { serial: 8, issuerSerial: 7, key: Curve.generateKeyPair().public })
  assert.equal(fault({ leaf }), 'the leaf is for another key')
})

test('a leaf that names another issuer is refused', () => {
  const leaf = certificate(issuer, { serial: 8, issuerSerial: 9, key: server.public })
  assert.equal(fault({ leaf }), 'the leaf names another issuer')
})

test('an intermediate that is not right below the root is refused', () => {
  const intermediate = certificate(root, { serial: 7, issuerSerial: 3, key: issuer.public })
  assert.equal(fault({ intermediate }), 'the intermediate names another issuer')
})

test('certificates count only between their dates', () => {
  assert.equal(outdated(), null)
  assert.equal(outdated({}, NOW - 11), 'the intermediate is out of date')
  const leaf = certificate(issuer, { serial: 8, issuerSerial: 7, key: server.public, notAfter: NOW - 1 })
  assert.equal(fault({ leaf }), null)
  assert.equal(outdated({ leaf }), 'the leaf is out of date')
})

test('a date that is not set does not count', () => {
  const leaf = certificate(issuer, {
    serial: 8,
    issuerSerial: 7,
    key: server.public,
    notBefore: undefined,
    notAfter: undefined
  })
  assert.equal(outdated({ leaf }), null)
})

test('a missing certificate is a fault, not a crash', () => {
  assert.equal(fault({ leaf: null }), 'the leaf certificate is incomplete')
  assert.equal(
    fault({ intermediate: { details: new Uint8Array(), signature: new Uint8Array(64) } }),
    'the intermediate certificate is incomplete'
  )
})

test('once strict, Baileys itself accepts no forged signature and no foreign chain', () => {
  checkCertificates({ rootKey: root.public })
  const message = Buffer.from('message')
  assert.equal(Curve.verify(root.public, message, Curve.sign(root.private, message)), true)
  assert.equal(Curve.verify(server.public, message, Curve.sign(root.private, message)), false)
  assert.equal(Curve.verify(root.public, message, Buffer.alloc(3)), false)
  Curve.sharedKey(issuer.private, Curve.generateKeyPair().public)
  assert.throws(() => proto.CertChain.decode(proto.CertChain.encode(good()).finish()), CertificateRejected)
})
