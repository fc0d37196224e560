// @ts-check
/**
 * Attempts to open a message leave a Signal session as it was if they fail.
 *
 * A sender may use any of several sessions, so libsignal 6.0.0 tries one after the other (`decryptWithSessions` in
 * session_cipher.js). Each attempt steps the session's ratchet before the message is authenticated, and the changed session is saved
 * once another one fits. From then on, neither side can open what the other seals in the spoiled session. It happens whenever a
 * new session was begun while messages in the older one were on their way.
 * Signal's own library tries on copies (`SessionCipher.decrypt` of libsignal-protocol-java; `decrypt_message_with_record` of
 * signalapp/libsignal).
 */

import { SessionCipher } from 'libsignal'

/** @typedef {{serialize(): object, pendingPreKey?: object, constructor: Function & {deserialize(data: object): object}}} Session */

/** @type {{doDecryptWhisperMessage(this: SessionCipher, message: Uint8Array, session: Session): Promise<Buffer>}} */
const prototype = /** @type {any} */ (SessionCipher.prototype)

const { doDecryptWhisperMessage: open } = prototype

prototype.doDecryptWhisperMessage = async function (message, session) {
  const before = session.serialize()
  try {
    return await open.call(this, message, session)
  } catch (error) {
    Object.assign(session, session.constructor.deserialize(before))
    throw error
  }
}
