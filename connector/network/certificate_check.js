// @ts-check
/**
 * Proof that the server is WhatsApp, by its certificate.
 *
 * In Baileys 7.0.0-rc14 `Curve.verify` is true for every signature (libsignal 6 returns false; older ones threw). Nothing compares
 * the certificate's key with the server's, its serials or its dates. `Curve`, `proto.CertChain` and `WA_CERT_DETAILS` are shared
 * objects that Baileys reads at each use. So their members are replaced, and the package on the disk stays as it is.
 */

import { Curve, proto, WA_CERT_DETAILS } from 'baileys'
import { checkSenderKeySignatures } from '../messages/sender_keys.js'
import { isSignedBy } from '../messages/signatures.js'
import { signBy, signSenderKeyMessages } from '../messages/signing.js'

/** The server could not prove that it is the trusted one. */
export class CertificateRejected extends Error {
  /** Whether only the date is wrong: then this host's clock may be wrong. */
  isOutdated

  /** @param {string} fault @param {{isOutdated?: boolean}} [kind] */
  constructor(fault, { isOutdated = false } = {}) {
    super(fault)
    this.isOutdated = isOutdated
  }
}

/**
 * @param {object} [trust]
 * @param {Uint8Array} [trust.rootKey] must have signed the server's certificate; undefined: WhatsApp's own
 */
export function checkCertificates({ rootKey } = {}) {
  if (rootKey) WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey)
  Curve.verify = isSignedBy
  Curve.sign = signBy
  checkSenderKeySignatures()
  signSenderKeyMessages()
  checkEveryChain()
}

/**
 * Checks each chain when it is decoded. Baileys decodes a chain in one place, during the handshake, right after the key agreement
 * with the server's static key. No other agreement can come in between, so the leaf must carry the key of the last one.
 */
function checkEveryChain() {
  const { sharedKey } = Curve
  const { decode } = proto.CertChain
  /** @type {Uint8Array | undefined} */
  let serverKey
  Curve.sharedKey = (privateKey, publicKey) => {
    serverKey = publicKey
    return sharedKey(privateKey, publicKey)
  }
  proto.CertChain.decode = (...args) => {
    const chain = decode(...args)
    const now = Date.now()
    const fault = faultOf(chain, { serverKey, rootKey: WA_CERT_DETAILS.PUBLIC_KEY })
    if (fault) throw new CertificateRejected(fault)
    const outdated = outdatedOf(chain, now / 1000)
    if (outdated)
      throw new CertificateRejected(`${outdated}: the clock shows ${new Date(now).toISOString()}`, { isOutdated: true })
    return chain
  }
}

/**
 * The fault of a chain at any time; null: it proves the server's key.
 * @param {proto.ICertChain} chain
 * @param {{serverKey: Uint8Array | undefined, rootKey: Uint8Array}} expected
 * @returns {string | null}
 */
export function faultOf({ leaf, intermediate }, { serverKey, rootKey }) {
  if (!isComplete(intermediate)) return 'the intermediate certificate is incomplete'
  if (!isComplete(leaf)) return 'the leaf certificate is incomplete'
  const issuer = detailsOf(intermediate)
  const subject = detailsOf(leaf)
  if (!isSignedBy(rootKey, intermediate.details, intermediate.signature))
    return 'the root has not signed the intermediate'
  if (!issuer.key || !isSignedBy(issuer.key, leaf.details, leaf.signature))
    return 'the intermediate has not signed the leaf'
  if (issuer.issuerSerial !== WA_CERT_DETAILS.SERIAL) return 'the intermediate names another issuer'
  if (subject.issuerSerial !== issuer.serial) return 'the leaf names another issuer'
  if (!serverKey || !Buffer.from(subject.key ?? []).equals(serverKey)) return 'the leaf is for another key'
  return null
}

/**
 * The certificate of a faultless chain that is out of date; null: both are in date.
 * @param {proto.ICertChain} chain
 * @param {number} now Unix time, seconds
 */
export function outdatedOf({ leaf, intermediate }, now) {
  if (!isInDate(detailsOf(/** @type {Certificate} */ (intermediate)), now)) return 'the intermediate is out of date'
  return isInDate(detailsOf(/** @type {Certificate} */ (leaf)), now) ? null : 'the leaf is out of date'
}

/** @typedef {{details: Uint8Array, signature: Uint8Array}} Certificate */

/**
 * @param {proto.CertChain.INoiseCertificate | null | undefined} certificate
 * @returns {certificate is Certificate}
 */
const isComplete = certificate => Boolean(certificate?.details?.length && certificate.signature?.length)

/** @param {Certificate} certificate */
const detailsOf = ({ details }) => proto.CertChain.NoiseCertificate.Details.decode(details)

/**
 * A date that is not set does not count.
 * @param {proto.CertChain.NoiseCertificate.Details} details
 * @param {number} now
 */
const isInDate = ({ notBefore, notAfter }, now) =>
  Number(notBefore) <= now && (Number(notAfter) === 0 || now <= Number(notAfter))
