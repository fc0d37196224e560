// @ts-check
/** Wait of a paired session whose version WhatsApp has refused: for another version, or for an hourly try. */

/** Connectors spread their logins over this time after a front starts. */
const LOGIN_SPREAD_SECONDS = 10

/**
 * @param {object} [sources]
 * @param {() => number} [sources.random] from 0 to 1
 */
export function createVersionWait({ random = Math.random } = {}) {
  /** Versions that WhatsApp has refused since the last open connection. @type {Set<string | null>} */
  const refused = new Set()
  let isWaiting = false
  return {
    /** WhatsApp answered 405. @param {string | null} version that the socket announced */
    begin(version) {
      refused.add(version)
      isWaiting = true
    },

    /** A socket is being opened. */
    end() {
      isWaiting = false
    },

    /** WhatsApp accepted a login: earlier refusals prove nothing any more. */
    forget() {
      refused.clear()
    },

    /** Whether the session waits, and this version is worth a try. @param {string | null} version */
    isOverWith: version => isWaiting && !refused.has(version),

    /** Seconds until the session tries again because another front said hello. Null if it does not wait. */
    pauseForFront: () => (isWaiting ? random() * LOGIN_SPREAD_SECONDS : null)
  }
}
