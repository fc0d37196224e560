// @ts-check
/** What a paired session does once WhatsApp has refused its version: it waits for another one, and asks again once an hour. */

/** Seconds over which connectors spread their logins when a front starts. */
const SPREAD = 10

/**
 * @param {object} [sources]
 * @param {() => number} [sources.random] from 0 to 1
 */
export function createVersionWait({ random = Math.random } = {}) {
  /** Refused since a link was open. @type {Set<string | null>} */
  const refused = new Set()
  let isWaiting = false
  return {
    /** WhatsApp answered 405 to a link. @param {string | null} version that it announced */
    begin(version) {
      refused.add(version)
      isWaiting = true
    },

    /** A link is being opened. */
    end() {
      isWaiting = false
    },

    /** WhatsApp let a link in: what it refused before proves nothing any more. */
    forget() {
      refused.clear()
    },

    /** Whether the session waits, and this version is worth a try. @param {string | null} version */
    isOverWith: version => isWaiting && !refused.has(version),

    /** Seconds until the session tries again because another front said hello. Null if it does not wait. */
    pauseForFront: () => (isWaiting ? random() * SPREAD : null)
  }
}
