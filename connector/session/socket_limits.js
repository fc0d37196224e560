// @ts-check
/** Time limits of a socket, in seconds. */

/**
 * Time without a frame after which a connection is lost. Baileys' own keep-alive takes less, but it waits by the wall clock:
 * after that clock is set back, it waits for the difference too.
 */
export const SILENCE_LIMIT_SECONDS = { paired: 75, unpaired: 25 }

/** Limit for the answer to a query. Baileys' own 60 s would hold up the messages that wait for one. */
export const QUERY_TIMEOUT_SECONDS = 10

/** Interval between two looks whether the front has taken the events that wait. */
export const ROOM_INTERVAL_SECONDS = 1

/** Time from the first skipped message until a new socket opens, on which WhatsApp delivers it again. */
export const REOPEN_DELAY_SECONDS = 60

/** Limit for the first code, or for the success of a login. */
export const FIRST_SIGN_TIMEOUT_SECONDS = 10

/** Limit from the success of a login until the connection is open. */
export const LOGIN_TIMEOUT_SECONDS = 45

/** Limit from a scan until WhatsApp asks for a restart (515). */
export const RESTART_TIMEOUT_SECONDS = 10

/** Limit for the confirmation of a logout. */
export const UNLINK_TIMEOUT_SECONDS = 5
