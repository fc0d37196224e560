// @ts-check
/** Texts for statuses, time spans and sizes. */

/** @typedef {"starting"|"qr_waiting"|"pairing"|"connected"|"disconnected"|"logged_out"|"failed"|"stopped"} Status */

/** In the order of the filter. @type {Record<Status, string>} */
export const STATUSES = {
  failed: "Needs attention",
  qr_waiting: "Waiting for a scan",
  disconnected: "Reconnecting",
  starting: "Starting",
  pairing: "Linking",
  connected: "Connected",
  logged_out: "Logged out",
  stopped: "Stopped",
};

/** An unknown value. */
export const NOTHING = "–";

/** A value that is loading. */
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

/**
 * Whether the connection has no more QR codes, and a pairing code can still be typed.
 * @param {{statusReason: {code: string} | null}} session
 */
export function awaitsPairingCode({ statusReason }) {
  return statusReason?.code === "pairing-code-awaited";
}

/**
 * Whether somebody asked Motte for the logout. Otherwise the phone, or WhatsApp, removed the device.
 * @param {{statusReason: {code: string} | null}} session
 */
export function isRequested({ statusReason }) {
  return statusReason === null || ["asked", "asked-unconfirmed"].includes(statusReason.code);
}

/**
 * Returns the name of the session, or its id.
 * @param {{id: string, name: string | null}} session
 */
export function called({ id, name }) {
  return name ?? id;
}

/**
 * Returns the name in quotation marks.
 * @param {{id: string, name: string | null}} session
 */
export function quoted(session) {
  return `“${called(session)}”`;
}

/** @param {number} bytes */
export function size(bytes) {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}
