// @ts-check
/** Cache of the members of groups: a message to a group asks WhatsApp for them only if it has to. */

/** Milliseconds for which members are believed, in case a notification was lost. */
const LIFETIME_MS = 600_000

/** Groups. One of 1,024 members takes 100 KB. */
const MAX_GROUPS = 200

/** @typedef {Pick<import('baileys').GroupMetadata, 'participants' | 'ephemeralDuration' | 'addressingMode'>} Members */
/** @typedef {ReturnType<typeof createGroupCache>} GroupCache */

/** @param {{lifetimeMs?: number, maxGroups?: number, now?: () => number}} [options] now: milliseconds, monotonic */
export function createGroupCache(options = {}) {
  const { lifetimeMs = LIFETIME_MS, maxGroups = MAX_GROUPS, now = () => performance.now() } = options
  /** The group that was asked about longest ago is the first. @type {Map<string, {members: Members, until: number}>} */
  const groups = new Map()
  return {
    /** @param {string} group @returns {Members | undefined} */
    get(group) {
      const found = groups.get(group)
      if (found && found.until > now()) return found.members
      groups.delete(group)
      return undefined
    },
    /** @param {string} group @param {Members} members */
    set(group, { participants, ephemeralDuration, addressingMode }) {
      groups.delete(group)
      const ids = participants.map(({ id }) => ({ id }))
      groups.set(group, {
        members: { participants: ids, ephemeralDuration, addressingMode },
        until: now() + lifetimeMs
      })
      if (groups.size > maxGroups) groups.delete(/** @type {string} */ (groups.keys().next().value))
    },
    /** The group has changed. @param {string} group */
    drop: group => void groups.delete(group)
  }
}
