// @ts-check
/** What happened to sessions while this page was open. */

import { now } from "./api.js";
import { quoted, STATUSES } from "./words.js";

/** @typedef {import("./sessions.js").Session} Session */
/** @typedef {{at: number, text: string}} Entry at: milliseconds since 1970 */

/** Entries of one session; the oldest are left out. */
const MAX_ENTRIES = 50;

/** The newest first. @type {Map<string, Entry[]>} */
const entries = new Map();

/** @param {string} id */
export function happened(id) {
  return entries.get(id) ?? [];
}

/**
 * Notes what differs between two readings of a session.
 * @param {Session} session
 * @param {Session | undefined} before undefined: this page did not know it
 */
export function note(session, before) {
  const texts = before ? [...changes(session, before)] : [];
  if (texts.length === 0) return;
  const added = texts.map((text) => ({ at: now(), text })).reverse();
  entries.set(session.id, [...added, ...happened(session.id)].slice(0, MAX_ENTRIES));
}

/** @param {string} id */
export function forget(id) {
  entries.delete(id);
}

/**
 * @param {Session} session
 * @param {Session} before
 */
function* changes(session, before) {
  const { status, statusReason, qrCode } = session;
  const isNewReason = statusReason !== null && statusReason.detail !== before.statusReason?.detail;
  if (status !== before.status) yield [STATUSES[status], statusReason?.detail].filter(Boolean).join(": ");
  else if (isNewReason) yield statusReason.detail;
  if (qrCode !== null && qrCode !== before.qrCode) yield "A new code can be scanned";
  if (session.name !== before.name) yield `It is now called ${quoted(session)}`;
  if (session.deviceName !== before.deviceName) yield `The phone will list it as “${session.deviceName}”`;
}
