// @ts-check
/** The pairing codes of one socket: asked for one after the other, and known to WhatsApp. */

import { getBinaryNodeChild } from 'baileys'
import { ending, readEnding } from './reasons.js'

/** Seconds until WhatsApp has answered. */
const ANSWER = 5

/** @typedef {import('./reasons.js').Ending} Ending */
/** @typedef {import('baileys').BinaryNode} Stanza */

/**
 * Baileys gives a code away before WhatsApp has heard of it, and never reads the answer. It keeps the newest code alone: who
 * asks while another request is under way would be given its code too.
 * @param {Pick<import('baileys').WASocket, 'requestPairingCode' | 'waitForMessage' | 'generateMessageTag'>} socket
 * @param {Promise<Ending>} over how the socket ends
 */
export function createPairingCodes(socket, over) {
  const end = over.then(how => Promise.reject(how))
  end.catch(() => {})
  /** @type {Promise<unknown>} */
  let last = Promise.resolve()

  /** @param {string} phoneNumber @param {number} within */
  async function askNow(phoneNumber, within) {
    const answer = socket.waitForMessage(following(socket.generateMessageTag()), within * 1000).catch(fail)
    answer.catch(() => {})
    const code = await socket.requestPairingCode(phoneNumber).catch(fail)
    check(await Promise.race([answer, end]))
    return code
  }

  return {
    /**
     * @param {string} phoneNumber
     * @param {number} [within] seconds until WhatsApp has answered
     * @returns {Promise<string>} rejected with an Ending
     */
    ask(phoneNumber, within = ANSWER) {
      const asking = last.then(() => askNow(phoneNumber, within))
      last = asking.catch(() => {})
      return asking
    }
  }
}

/** @param {unknown} error @returns {never} */
function fail(error) {
  throw readEnding(error, { hasAnswered: true })
}

/** The id of the stanza that Baileys makes next: it counts them. @param {string} id */
const following = id => id.replace(/\d+$/, count => String(Number(count) + 1))

/** Throws an Ending where WhatsApp gives no code. @param {Stanza | undefined} answer undefined: there was none in time */
function check(answer) {
  if (!answer) throw ending('no-pairing-code', 'no answer')
  if (answer.attrs.type !== 'error') return
  const { code = '', text = '' } = getBinaryNodeChild(answer, 'error')?.attrs ?? {}
  throw ending(code === '429' ? 'whatsapp-rate-limited' : 'no-pairing-code', `${code} ${text}`.trim())
}
