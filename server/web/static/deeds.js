// @ts-check
/** The actions on a session by its status, with the questions before them. */

import { quoted } from "./words.js";

/** @typedef {import("./sessions.js").Session} Session */
/** @typedef {import("./words.js").Status} Status */

/**
 * @typedef {object} Action
 * @property {string} name
 * @property {Status[]} within the statuses in which it is offered
 * @property {string} [verb] the end of the API address; without one a dialog opens: the names or the code
 * @property {boolean} [isNaming] the dialog with the names
 * @property {object} [body] the body of the request
 * @property {boolean} [isFirst] the main action of these statuses
 * @property {boolean} [isDestructive] it removes the link to WhatsApp
 * @property {(session: Session) => import("./question.js").Question} [question]
 */

/** @type {Status[]} */
const PAIRED = ["pairing", "connected", "disconnected"];
/** @type {Status[]} */
const UNPAIRED = ["starting", "qr_waiting"];

/** @type {Action} */
const SHOW = { name: "Show code", within: UNPAIRED, isFirst: true };

/** @type {Action} */
export const RENAME = {
  name: "Rename",
  within: [...PAIRED, ...UNPAIRED, "logged_out", "failed", "stopped"],
  isNaming: true,
};

/** @type {Action[]} */
const ACTIONS = [
  SHOW,
  { name: "Start", within: ["stopped"], verb: "start", isFirst: true },
  { name: "Link again", within: ["logged_out"], verb: "restart", isFirst: true },
  { name: "Try again", within: ["failed"], verb: "start", isFirst: true },
  {
    name: "Restart",
    within: [...PAIRED, ...UNPAIRED],
    verb: "restart",
    question: (session) => ({
      title: `Restart ${quoted(session)}?`,
      text: PAIRED.includes(session.status)
        ? "Its process restarts. The link to WhatsApp stays; the session reconnects within a few seconds."
        : "Its process restarts and shows a new code to scan.",
      verb: "Restart",
    }),
  },
  RENAME,
  {
    name: "Stop",
    within: [...PAIRED, ...UNPAIRED, "failed"],
    verb: "stop",
    question: (session) => ({
      title: `Stop ${quoted(session)}?`,
      text: PAIRED.includes(session.status)
        ? "It receives no messages until it is started again. The account stays linked."
        : "It shows no codes until it is started again.",
      verb: "Stop",
    }),
  },
  {
    name: "Discard and link again",
    within: ["failed"],
    verb: "restart",
    body: { forget: true },
    isDestructive: true,
    question: (session) => ({
      title: `Discard the link of ${quoted(session)}?`,
      text: discarding(session),
      verb: "Discard and link again",
      isDestructive: true,
    }),
  },
  {
    name: "Log out of WhatsApp",
    within: PAIRED,
    verb: "logout",
    question: (session) => ({
      title: `Log ${quoted(session)} out of WhatsApp?`,
      text: "The account removes this device. To use the session again, scan a new code with its phone.",
      verb: "Log out",
      isDestructive: true,
    }),
  },
  {
    name: "Delete",
    within: [...PAIRED, ...UNPAIRED, "logged_out", "failed", "stopped"],
    verb: "delete",
    question: (session) => ({
      title: `Delete ${quoted(session)}?`,
      text: `The session “${session.id}”, its link to WhatsApp and its stored messages are deleted permanently.`,
      verb: "Delete",
      isDestructive: true,
    }),
  },
];

/**
 * Says what is lost, and what Motte keeps.
 * @param {Session} session
 */
function discarding({ phoneNumber }) {
  const link = phoneNumber === null ? "The rest of its link" : `Its link to +${phoneNumber}`;
  return (
    `${link} is discarded, and a phone must scan a new code. The phone still lists the old device: ` +
    "remove it there, under Linked devices. Motte keeps the discarded data for seven days."
  );
}

/**
 * Returns the actions that are possible now: the main one and the others.
 * @param {Session} session
 * @param {boolean} canWrite whether the key may change sessions
 */
export function possible(session, canWrite) {
  const now = ACTIONS.filter(
    ({ within, verb, isNaming }) => within.includes(session.status) && (canWrite || (!verb && !isNaming)),
  );
  return { first: now.find(({ isFirst }) => isFirst) ?? null, others: now.filter(({ isFirst }) => !isFirst) };
}
