// @ts-check
/** How statuses, spans and sizes are said. */

/** @typedef {"starting"|"qr_waiting"|"pairing"|"connected"|"disconnected"|"logged_out"|"failed"|"stopped"} Status */

/** In the order in which they are offered. @type {Record<Status, string>} */
export const STATUSES = {
  connected: "Connected",
  qr_waiting: "Waiting for a scan",
  starting: "Starting",
  pairing: "Linking",
  disconnected: "Reconnecting",
  failed: "Needs attention",
  logged_out: "Logged out",
  stopped: "Stopped",
};

/** What is not known. */
export const NOTHING = "–";

/** What is being asked for. */
export const LOADING = "…";

/** @type {[number, string][]} */
const UNITS = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
];

/**
 * `3 h`, `2 d`.
 * @param {number} milliseconds
 */
export function span(milliseconds) {
  for (const [size, unit] of UNITS) {
    if (milliseconds >= size) return `${Math.floor(milliseconds / size)} ${unit}`;
  }
  return "< 1 min";
}

/** @param {number} milliseconds */
export function ago(milliseconds) {
  return milliseconds < 60_000 ? "just now" : `${span(milliseconds)} ago`;
}

/**
 * Whether the QR codes of its connection are used up, and a pairing code can still be typed.
 * @param {{statusReason: {code: string} | null}} session
 */
export function awaitsPairingCode({ statusReason }) {
  return statusReason?.code === "pairing-code-awaited";
}

/**
 * What people call the session.
 * @param {{id: string, name: string | null}} session
 */
export function called({ id, name }) {
  return name ?? id;
}

/**
 * The same within a sentence.
 * @param {{id: string, name: string | null}} session
 */
export function quoted(session) {
  return `“${called(session)}”`;
}

/** @param {number} bytes */
export function size(bytes) {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
