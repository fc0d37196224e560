// @ts-check
/** The order of sessions in the table. */

import { isRequested } from "./words.js";

/** @typedef {import("./sessions.js").Session} Session */
/** @typedef {import("./connectors.js").Connector} Connector */
/** @typedef {(session: Session) => string | number | null} Value null: unknown, and last in both directions */

/** Ranks of statuses: the sessions that need a person come first. */
const RANKS = {
  failed: 0,
  qr_waiting: 1,
  disconnected: 2,
  starting: 3,
  pairing: 4,
  connected: 5,
  logged_out: 6,
  stopped: 7,
};

const { compare } = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/**
 * Sorts sessions in place: those that need a person first, or by a column. Equal ones stay as the API lists them: the oldest first.
 * @param {Session[]} sessions
 * @param {string} sort the column; `-` before it: descending; another text: attention first
 * @param {(id: string) => Connector | undefined} connector
 */
export function arrange(sessions, sort, connector) {
  const isDescending = sort.startsWith("-");
  const value = values(connector).get(isDescending ? sort.slice(1) : sort) ?? attention;
  const sign = isDescending ? -1 : 1;
  return sessions.sort((one, other) => by(value(one), value(other), sign) || byAge(one, other));
}

/** 0: it waits for a person; 1: it waits for a scan; 2: nobody has to do anything. @param {Session} session */
function attention(session) {
  if (session.status === "failed" || (session.status === "logged_out" && !isRequested(session))) return 0;
  return session.status === "qr_waiting" ? 1 : 2;
}

/** By column. A column comes from the URL, so this is no object: it has members of its own. @param {(id: string) => Connector | undefined} connector */
function values(connector) {
  /** @type {Record<string, Value>} */
  const found = {
    status: ({ status }) => RANKS[status],
    name: ({ name, id }) => name ?? id,
    number: ({ phoneNumber }) => phoneNumber,
    changed: ({ updatedAt }) => -Date.parse(updatedAt),
    age: ({ createdAt }) => -Date.parse(createdAt),
    restarts: ({ id }) => connector(id)?.restarts ?? null,
    memory: ({ id }) => connector(id)?.memory ?? null,
  };
  return new Map(Object.entries(found));
}

/**
 * @param {string | number | null} one
 * @param {string | number | null} other
 * @param {number} sign
 */
function by(one, other, sign) {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  if (typeof one === "string") return sign * compare(one, String(other));
  return sign * (one - Number(other));
}

/** @param {Session} one @param {Session} other */
function byAge(one, other) {
  if (one.createdAt !== other.createdAt) return one.createdAt < other.createdAt ? -1 : 1;
  return one.id < other.id ? -1 : Number(one.id > other.id);
}
