// @ts-check
/** Whether a session can send now, and how far a message is, in words. */

import { now } from "./api.js";
import { moment } from "./facts.js";
import { other, state } from "./message_words.js";

/** @typedef {import("./sessions.js").Session} Session */

/** @type {Partial<Record<import("./words.js").Status, string>>} */
const NO_ACCOUNT = {
  logged_out: "This session is logged out. Link it again to send messages.",
  failed: "This session has failed. It sends again once it is started or linked.",
};

/** @type {Partial<Record<import("./words.js").Status, string>>} */
const DELAYS = {
  stopped: "This session is stopped. Messages wait until it is started.",
  disconnected: "This session is reconnecting. Messages wait until it is connected.",
  pairing: "This session is being linked. Messages wait until it is connected.",
};

/** Why the session takes no messages; empty: it takes them. @param {Session} session */
export function cannotSend({ status, phoneNumber }) {
  const takes = phoneNumber !== null && ["connected", ...Object.keys(DELAYS)].includes(status);
  return takes ? "" : (NO_ACCOUNT[status] ?? "No account is linked to this session. Scan its code to send messages.");
}

/** Why a message would wait; empty: it is sent at once. @param {Session} session */
export function delay({ status, sending }) {
  const isRestricted = sending.until !== null && Date.parse(sending.until) > now();
  if (isRestricted) return `WhatsApp lets this account begin no chats until ${moment(String(sending.until))}.`;
  return DELAYS[status] ?? "";
}

/** How far a message is. @param {import("./message_words.js").Message} message */
export function said(message) {
  return `${other(message)}: ${state(message)}`;
}
