// @ts-check
/** Pairing codes of one socket, requested from WhatsApp one after the other. */

import { getBinaryNodeChild, getBinaryNodeChildBuffer } from 'baileys'
import { companionHello, makePairingCode } from './companion_hello.js'
import { ending, readEnding } from '../session/baileys_errors.js'

/** Limit for the answer of WhatsApp. */
const ANSWER_TIMEOUT_SECONDS = 5

const TAG = 'link_code_companion_reg'
/** Stage with which WhatsApp withdraws a code (whatsapp-rust, src/pair_code.rs, refresh_code). */
const WITHDRAWN_STAGE = 'refresh_code'

/** @typedef {import('../session/baileys_errors.js').Ending} Ending */
/** @typedef {import('baileys').BinaryNode} Stanza */

/**
 * WhatsApp and the credentials know only the newest code of a socket, so requests wait for each other.
 * @param {Pick<import('baileys').WASocket, 'ws' | 'sendNode' | 'waitForMessage' | 'generateMessageTag'>} socket
 * @param {Pick<import('../storage/credentials.js').Credentials, 'state' | 'save' | 'isPaired'>} credentials
 * @param {object} options
 * @param {Promise<Ending>} options.over the ending of the socket
 * @param {() => void} options.withdrawn called when the newest code cannot be typed any more, though its socket is open
 */
export function createPairingCodes(socket, credentials, { over, withdrawn }) {
  const { creds } = credentials.state
  const end = over.then(how => Promise.reject(how))
  end.catch(() => {})
  /** @type {Promise<unknown>} */
  let last = Promise.resolve()
  /** Requests that WhatsApp has not answered. */
  let pending = 0
  let isIssued = false
  /** WhatsApp's reference to the newest code. @type {Uint8Array | undefined} */
  let ref

  socket.ws.on(`CB:notification,type:${TAG}`, (/** @type {Stanza} */ stanza) => {
    const registration = getBinaryNodeChild(stanza, TAG)
    const isOurs = ref && Buffer.from(ref).equals(refIn(registration) ?? Buffer.alloc(0))
    if (registration?.attrs.stage !== WITHDRAWN_STAGE || !isOurs || !isIssued) return
    isIssued = false
    withdrawn()
  })

  /** @param {string} phoneNumber @param {number} timeout seconds */
  async function requestNow(phoneNumber, timeout) {
    if (credentials.isPaired()) throw ending('already-paired')
    isIssued = false
    const code = makePairingCode(creds, phoneNumber)
    credentials.save()
    const id = socket.generateMessageTag()
    const hello = await companionHello(creds, id)
    const answer = socket.waitForMessage(id, timeout * 1000).catch(fail)
    answer.catch(() => {})
    await socket.sendNode(hello).catch(fail)
    ref = refIn(getBinaryNodeChild(check(await Promise.race([answer, end])), TAG))
    isIssued = true
    return code
  }

  return {
    /**
     * @param {string} phoneNumber
     * @param {number} [timeout] seconds until WhatsApp must have answered
     * @returns {Promise<string>} rejected with an Ending
     */
    request(phoneNumber, timeout = ANSWER_TIMEOUT_SECONDS) {
      pending += 1
      const code = last.then(() => requestNow(phoneNumber, timeout)).finally(() => (pending -= 1))
      last = code.catch(() => {})
      return code
    },
    /** Whether a code can be typed on the phone, or is about to be issued. */
    isAwaited: () => isIssued || pending > 0
  }
}

/** @param {unknown} error @returns {never} */
function fail(error) {
  throw readEnding(error, { hasAnswered: true })
}

/** @param {Stanza | undefined} registration */
const refIn = registration => getBinaryNodeChildBuffer(registration, 'link_code_pairing_ref')

/**
 * Returns the answer. Throws an Ending if WhatsApp gives no code.
 * @param {Stanza | undefined} answer undefined: no answer in time
 */
function check(answer) {
  if (!answer) throw ending('no-pairing-code', 'no answer')
  if (answer.attrs.type !== 'error') return answer
  const { code = '', text = '' } = getBinaryNodeChild(answer, 'error')?.attrs ?? {}
  throw ending(code === '429' ? 'whatsapp-rate-limited' : 'no-pairing-code', `${code} ${text}`.trim())
}
