// @ts-check
/**
 * The order to replace the adv secret, which a phone reads from the QR code and proves the pairing with.
 *
 * Since 28 July 2026 WhatsApp answers some scans with `notification type=companion_reg_refresh`. From then on only a code with
 * the same ref and a new secret can be linked. WhatsApp Web takes it with one of two children, makes a new secret and shows the
 * present ref again (whatsapp-rust, src/handlers/notification/companion_reg.rs; whatsmeow 9ec8f76; Baileys #2737 and #2765).
 * Baileys 7.0.0-rc14 does nothing.
 */

import { randomBytes } from 'node:crypto'
import { getBinaryNodeChild } from 'baileys'

const EVENT = 'CB:notification,type:companion_reg_refresh'
const CHILDREN = ['companion_reg_refresh', 'pair-device-rotate-qr']
const SECRET_BYTES = 32

/**
 * Milliseconds after which a pairing by code that has sent its `companion_finish` has come to nothing: WhatsApp Web makes
 * another code after a minute of silence (whatsapp-rust #1163).
 */
const FINISHED_WITHIN_MS = 60_000

/** @typedef {import('baileys').BinaryNode} Stanza */
/** @typedef {ReturnType<typeof openRegistrationRefresh>} RegistrationRefresh */

/**
 * @param {import('baileys').WASocket['ws']} ws
 * @param {Pick<import('../storage/credentials.js').Credentials, 'state' | 'save' | 'isPaired'>} credentials
 * @param {(child: string) => void} renewed called once the new secret is on the disk; child: the tag that asked for it
 */
export function openRegistrationRefresh(ws, credentials, renewed) {
  const { creds } = credentials.state
  /** The secret that was loaded, or made here. */
  let known = creds.advSecretKey
  /** @type {NodeJS.Timeout | undefined} */
  let timer

  ws.on(EVENT, (/** @type {Stanza} */ stanza) => {
    const child = CHILDREN.find(tag => getBinaryNodeChild(stanza, tag))
    if (!child || credentials.isPaired()) return
    if (!isOfPairingCode()) return renew(child)
    clearTimeout(timer)
    timer = setTimeout(() => !credentials.isPaired() && renew(child), FINISHED_WITHIN_MS)
  })

  /**
   * Baileys derives the secret from the typed code right before it sends `companion_finish`: the phone proves the pairing with
   * that one, so it must stay.
   */
  function isOfPairingCode() {
    return creds.advSecretKey !== known
  }

  /** The secret is saved before it is shown: a process that is killed in between shows it at its next start. @param {string} child */
  function renew(child) {
    known = creds.advSecretKey = randomBytes(SECRET_BYTES).toString('base64')
    credentials.save()
    renewed(child)
  }

  return {
    /** Renews nothing any more. */
    stop: () => clearTimeout(timer)
  }
}
