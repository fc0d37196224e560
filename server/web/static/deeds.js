// @ts-check
/** What can be done with a session, where it stands; and what is asked before. */

import { quoted } from "./words.js";

/** @typedef {import("./sessions.js").Session} Session */
/** @typedef {import("./words.js").Status} Status */

/**
 * @typedef {object} Deed
 * @property {string} name
 * @property {Status[]} within the statuses in which it makes sense
 * @property {string} [verb] what is asked of the API; none: a dialog opens, with the names or with the code
 * @property {boolean} [isNaming] the dialog with the names
 * @property {object} [body] what is sent with it
 * @property {boolean} [isFirst] what one comes for where it can be done
 * @property {boolean} [isGrave] it discards a link
 * @property {(session: Session) => import("./question.js").Question} [question]
 */

/** @type {Status[]} */
const PAIRED = ["pairing", "connected", "disconnected"];
/** @type {Status[]} */
const UNPAIRED = ["starting", "qr_waiting"];

/** @type {Deed} */
const SHOW = { name: "Show code", within: UNPAIRED, isFirst: true };

/** @type {Deed[]} */
const DEEDS = [
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
        ? "Its process ends and starts again. The link to WhatsApp stays, and is back in a few seconds."
        : "Its process ends and starts again, with a new code to scan.",
      verb: "Restart",
    }),
  },
  { name: "Rename", within: [...PAIRED, ...UNPAIRED, "logged_out", "failed", "stopped"], isNaming: true },
  {
    name: "Stop",
    within: [...PAIRED, ...UNPAIRED, "failed"],
    verb: "stop",
    question: (session) => ({
      title: `Stop ${quoted(session)}?`,
      text: PAIRED.includes(session.status)
        ? "It receives nothing until it is started again. The account stays linked."
        : "It shows no codes until it is started again.",
      verb: "Stop",
    }),
  },
  {
    name: "Discard and link again",
    within: ["failed"],
    verb: "restart",
    body: { forget: true },
    isGrave: true,
    question: (session) => ({
      title: `Discard the link of ${quoted(session)}?`,
      text: discarding(session),
      verb: "Discard and link again",
      isGrave: true,
    }),
  },
  {
    name: "Log out of WhatsApp",
    within: PAIRED,
    verb: "logout",
    question: (session) => ({
      title: `Log ${quoted(session)} out of WhatsApp?`,
      text: "The account forgets this device. To use the session again, its phone must scan a new code.",
      verb: "Log out",
      isGrave: true,
    }),
  },
  {
    name: "Delete",
    within: [...PAIRED, ...UNPAIRED, "logged_out", "failed", "stopped"],
    verb: "delete",
    question: (session) => ({
      title: `Delete ${quoted(session)}?`,
      text: `The session “${session.id}”, its link to WhatsApp and the messages it holds are removed for good.`,
      verb: "Delete",
      isGrave: true,
    }),
  },
];

/**
 * What a person loses, and what Motte keeps.
 * @param {Session} session
 */
function discarding({ phoneNumber }) {
  const link = phoneNumber === null ? "What is left of its link" : `Its link to +${phoneNumber}`;
  return (
    `${link} is discarded, and a phone must scan a new code. The phone goes on listing the old device: ` +
    "remove it there, under Linked devices. Motte keeps what was discarded for seven days."
  );
}

/**
 * What may be done now, the first one apart.
 * @param {Session} session
 * @param {boolean} canWrite whether the key may change sessions
 */
export function possible(session, canWrite) {
  const now = DEEDS.filter(
    ({ within, verb, isNaming }) => within.includes(session.status) && (canWrite || (!verb && !isNaming)),
  );
  return { first: now.find(({ isFirst }) => isFirst) ?? null, others: now.filter(({ isFirst }) => !isFirst) };
}
