// @ts-check
/** The pairing codes of one socket: asked for one after the other, and known to WhatsApp. */

import { getBinaryNodeChild, getBinaryNodeChildBuffer } from 'baileys'
import { companionHello, makePairingCode } from './companion_hello.js'
import { ending, readEnding } from '../session/error_reasons.js'

/** Seconds until WhatsApp has answered. */
const ANSWER = 5

const TAG = 'link_code_companion_reg'
/** WhatsApp wants another code in the place of the one with this ref (whatsapp-rust, src/pair_code.rs, refresh_code). */
const WITHDRAWN = 'refresh_code'

/** @typedef {import('../session/error_reasons.js').Ending} Ending */
/** @typedef {import('baileys').BinaryNode} Stanza */

/**
 * WhatsApp knows the newest code of a socket alone, and so do the credentials: requests wait for one another.
 * @param {Pick<import('baileys').WASocket, 'ws' | 'sendNode' | 'waitForMessage' | 'generateMessageTag'>} socket
 * @param {Pick<import('../storage/credentials.js').Credentials, 'state' | 'save' | 'isPaired'>} credentials
 * @param {object} heard
 * @param {Promise<Ending>} heard.over how the socket ends
 * @param {() => void} heard.withdrawn called when the newest code cannot be typed any more, though its socket is open
 */
export function createPairingCodes(socket, credentials, { over, withdrawn }) {
  const { creds } = credentials.state
  const end = over.then(how => Promise.reject(how))
  end.catch(() => {})
  /** @type {Promise<unknown>} */
  let last = Promise.resolve()
  /** Requests that WhatsApp has not answered. */
  let open = 0
  let isIssued = false
  /** What WhatsApp calls the newest code. @type {Uint8Array | undefined} */
  let ref

  socket.ws.on(`CB:notification,type:${TAG}`, (/** @type {Stanza} */ stanza) => {
    const registration = getBinaryNodeChild(stanza, TAG)
    const isOurs = ref && sameBytes(refIn(registration), ref)
    if (registration?.attrs.stage !== WITHDRAWN || !isOurs || !isIssued) return
    isIssued = false
    withdrawn()
  })

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
    ref = refIn(getBinaryNodeChild(check(await Promise.race([answer, end])), TAG))
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

/** @param {Stanza | undefined} registration */
const refIn = registration => getBinaryNodeChildBuffer(registration, 'link_code_pairing_ref')

/** @param {Uint8Array | undefined} one @param {Uint8Array} other */
const sameBytes = (one, other) => one !== undefined && Buffer.from(one).equals(other)

/**
 * The answer. Throws an Ending where WhatsApp gives no code.
 * @param {Stanza | undefined} answer undefined: there was none in time
 */
function check(answer) {
  if (!answer) throw ending('no-pairing-code', 'no answer')
  if (answer.attrs.type !== 'error') return answer
  const { code = '', text = '' } = getBinaryNodeChild(answer, 'error')?.attrs ?? {}
  throw ending(code === '429' ? 'whatsapp-rate-limited' : 'no-pairing-code', `${code} ${text}`.trim())
}
