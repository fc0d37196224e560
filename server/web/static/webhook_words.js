// @ts-check
/** Webhooks and their deliveries as texts. */

import { moment } from "./facts.js";

/**
 * @typedef {object} Webhook
 * @property {string} id
 * @property {string} url
 * @property {string[] | null} types
 * @property {string[] | null} sessions
 * @property {string[]} headerNames
 * @property {number} giveUpAfter
 * @property {"active" | "failing" | "disabled"} status
 * @property {string | null} reason
 * @property {string | null} failingSince
 * @property {string | null} oldSecretUntil
 * @property {string} createdAt
 */

/**
 * @typedef {object} Delivery
 * @property {string} eventId
 * @property {string} type
 * @property {string | null} sessionId
 * @property {"delivered" | "failed" | "dead" | "waiting"} state
 * @property {number} attempt
 * @property {number | null} status
 * @property {string | null} error
 * @property {number | null} durationMs
 * @property {string} at
 */

/** The types that a webhook may name. */
export const TYPES = [
  "message.received",
  "message.status",
  "message.reaction",
  "message.edited",
  "message.revoked",
  "session.status",
  "session.deleted",
  "session.restricted",
  "session.qr",
  "session.problem",
  "typing",
  "call.received",
  "contact.linked",
];

/** @type {Record<Webhook["status"], string>} */
const TONES = { active: "good", failing: "bad", disabled: "quiet" };

/** @type {Record<Delivery["state"], string>} */
const TRIES = {
  delivered: "delivered, try",
  failed: "failed, try",
  dead: "given up at try",
  waiting: "is tried again after try",
};

/** @param {Webhook} webhook */
export function tone({ status }) {
  return TONES[status];
}

/** How it is doing. @param {Webhook} webhook */
export function standing({ status, failingSince }) {
  if (status === "failing") return failingSince === null ? "Down" : `Down since ${moment(failingSince)}`;
  return status === "disabled" ? "Disabled" : "Working";
}

/** @param {Webhook} webhook */
export function shownTypes({ types }) {
  return types === null ? "all that are logged" : types.join(", ");
}

/** @param {Webhook} webhook */
export function shownSessions({ sessions }) {
  return sessions === null ? "every session" : sessions.join(", ");
}

/** @param {Delivery} delivery */
export function delivered({ type, sessionId, state, attempt, status, error, durationMs, at }) {
  const of = sessionId === null ? type : `${type} of ${sessionId}`;
  const tries = `${TRIES[state]} ${attempt}`;
  const answer = state === "delivered" ? `HTTP ${status}` : error;
  const took = durationMs === null ? "" : ` (${durationMs} ms)`;
  return `${moment(at)} ${of}: ${tries}${answer ? `, ${answer}` : ""}${took}`;
}
