// @ts-check
/**
 * Registration refresh: WhatsApp requests another adv secret. The phone reads that secret from the QR code and proves the pairing
 * with it.
 *
 * Since 28 July 2026 WhatsApp answers some scans with `notification type=companion_reg_refresh`. After that a phone can link only
 * with a code that has the same ref and a new secret. WhatsApp Web accepts one of two children, makes a new secret and shows
 * the present ref again (whatsapp-rust, src/handlers/notification/companion_reg.rs; whatsmeow 9ec8f76; Baileys #2737 and #2765).
 * Baileys 7.0.0-rc14 does nothing.
 */

import { randomBytes } from 'node:crypto'
import { getBinaryNodeChild } from 'baileys'

const REFRESH_EVENT = 'CB:notification,type:companion_reg_refresh'
const CHILDREN = ['companion_reg_refresh', 'pair-device-rotate-qr']
const SECRET_BYTES = 32

/**
 * Limit for a pairing by code that has sent its `companion_finish`. WhatsApp Web makes another code after a minute of silence
 * (whatsapp-rust #1163).
 */
const PAIRING_FINISH_TIMEOUT_MS = 60_000

/** @typedef {import('baileys').BinaryNode} Stanza */
/** @typedef {ReturnType<typeof openRegistrationRefresh>} RegistrationRefresh */

/**
 * @param {import('baileys').WASocket['ws']} ws
 * @param {Pick<import('../storage/credentials.js').Credentials, 'state' | 'save' | 'isPaired'>} credentials
 * @param {(child: string) => void} renewed called after the new secret is on the disk; child: the tag that requested it
 */
export function openRegistrationRefresh(ws, credentials, renewed) {
  const { creds } = credentials.state
  /** The secret that was loaded or made here. */
  let known = creds.advSecretKey
  /** @type {NodeJS.Timeout | undefined} */
  let timer

  ws.on(REFRESH_EVENT, (/** @type {Stanza} */ stanza) => {
    const child = CHILDREN.find(tag => getBinaryNodeChild(stanza, tag))
    if (!child || credentials.isPaired()) return
    if (!isOfPairingCode()) return renew(child)
    clearTimeout(timer)
    timer = setTimeout(() => !credentials.isPaired() && renew(child), PAIRING_FINISH_TIMEOUT_MS)
  })

  /**
   * Whether the present secret belongs to a typed code. Baileys derives it right before it sends `companion_finish`. The phone
   * proves the pairing with that secret, so it must stay.
   */
  function isOfPairingCode() {
    return creds.advSecretKey !== known
  }

  /** Saves the secret before it is shown: after a kill in between, the next start shows it. @param {string} child */
  function renew(child) {
    known = creds.advSecretKey = randomBytes(SECRET_BYTES).toString('base64')
    credentials.save()
    renewed(child)
  }

  return {
    /** Renews no secret any more. */
    stop: () => clearTimeout(timer)
  }
}
