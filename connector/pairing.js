// @ts-check
/** The pairing codes of one socket: asked for one after the other, and known to WhatsApp. */

import { getBinaryNodeChild } from 'baileys'
import { companionHello, makePairingCode } from './companion_hello.js'
import { ending, readEnding } from './reasons.js'

/** Seconds until WhatsApp has answered. */
const ANSWER = 5

/** @typedef {import('./reasons.js').Ending} Ending */
/** @typedef {import('baileys').BinaryNode} Stanza */

/**
 * WhatsApp knows the newest code of a socket alone, and so do the credentials: requests wait for one another.
 * @param {Pick<import('baileys').WASocket, 'sendNode' | 'waitForMessage' | 'generateMessageTag'>} socket
 * @param {Pick<import('./credentials.js').Credentials, 'state' | 'save' | 'isPaired'>} credentials
 * @param {Promise<Ending>} over how the socket ends
 */
export function createPairingCodes(socket, credentials, over) {
  const { creds } = credentials.state
  const end = over.then(how => Promise.reject(how))
  end.catch(() => {})
  /** @type {Promise<unknown>} */
  let last = Promise.resolve()
  /** Requests that WhatsApp has not answered. */
  let open = 0
  let isIssued = false

  /** @param {string} phoneNumber @param {number} within */
  async function askNow(phoneNumber, within) {
    if (credentials.isPaired()) throw ending('already-paired')
    isIssued = false
    const code = makePairingCode(creds, phoneNumber)
    credentials.save()
    const id = socket.generateMessageTag()
    const hello = await companionHello(creds, id)
    const answer = socket.waitForMessage(id, within * 1000).catch(fail)
    answer.catch(() => {})
    await socket.sendNode(hello).catch(fail)
    check(await Promise.race([answer, end]))
    isIssued = true
    return code
  }

  return {
    /**
     * @param {string} phoneNumber
     * @param {number} [within] seconds until WhatsApp has answered
     * @returns {Promise<string>} rejected with an Ending
     */
    ask(phoneNumber, within = ANSWER) {
      open += 1
      const asking = last.then(() => askNow(phoneNumber, within)).finally(() => (open -= 1))
      last = asking.catch(() => {})
      return asking
    },
    /** Whether a code can be typed on the phone, or is about to be issued. */
    isAwaited: () => isIssued || open > 0
  }
}

/** @param {unknown} error @returns {never} */
function fail(error) {
  throw readEnding(error, { hasAnswered: true })
}

/** Throws an Ending where WhatsApp gives no code. @param {Stanza | undefined} answer undefined: there was none in time */
function check(answer) {
  if (!answer) throw ending('no-pairing-code', 'no answer')
  if (answer.attrs.type !== 'error') return
  const { code = '', text = '' } = getBinaryNodeChild(answer, 'error')?.attrs ?? {}
  throw ending(code === '429' ? 'whatsapp-rate-limited' : 'no-pairing-code', `${code} ${text}`.trim())
}
