// @ts-check
/** Every session that the key may see, kept up to date by the stream of events. */

import { ask } from "./api.js";
import { Problem } from "./problem.js";
import { follow } from "./stream.js";

/** Milliseconds from a read that failed to the next one. */
const AGAIN = 5000;

/** Types of events with a message. */
const MESSAGES = ["received", "status", "reaction", "edited", "revoked"].map((type) => `message.${type}`);

/**
 * @typedef {object} Session
 * @property {string} id
 * @property {string | null} name
 * @property {import("./words.js").Status} status
 * @property {{code: string, detail: string} | null} statusReason
 * @property {string | null} qrCode
 * @property {string | null} qrExpiresAt
 * @property {string | null} phoneNumber
 * @property {string | null} pushName
 * @property {string} createdAt
 * @property {string} updatedAt
 * @property {string | null} connectedAt
 * @property {string} deviceName
 * @property {string | null} proxy
 * @property {{state: "ok" | "restricted", until: string | null}} sending
 */

/**
 * @typedef {object} Listener
 * @property {(session: Session, before: Session | undefined) => void} told
 * @property {(session: Session) => void} deleted
 * @property {(id: string, message: import("./message_words.js").Message) => void} messaged a session has a new message, or one has a new status
 * @property {() => void} missed events may have been missed
 * @property {() => void} changed called after every change
 * @property {() => void} whole all sessions were read
 * @property {() => void} open
 * @property {() => void} lost
 * @property {(error: unknown) => void} refused the server refused the stream
 * @property {(error: unknown) => void} failed the sessions could not be read
 */

/**
 * Keeps the sessions up to date while the page is open.
 * @param {Listener} listener
 */
export function keep(listener) {
  /** @type {Map<string, Session>} */
  const all = new Map();
  /** Ids with an event since the stream was reset. @type {Set<string>} */
  const fresh = new Set();
  let again = 0;
  const kept = { all, isWhole: false, load, put };

  follow(
    "events",
    {
      "stream.reset": begin,
      "session.status": put,
      "session.qr": put,
      "session.deleted": ({ id }) => drop(id),
      ...Object.fromEntries(MESSAGES.map((type) => [type, heard])),
    },
    { open: listener.open, lost: listener.lost, refused: listener.refused, needs: "sessions?limit=1" },
  );
  return kept;

  function begin() {
    fresh.clear();
    listener.missed();
    void load();
  }

  /** @param {import("./message_words.js").Message} message @param {boolean} _ @param {string} id */
  function heard(message, _, id) {
    listener.messaged(id, message);
  }

  /** Reads every page: only then the deleted sessions are known. */
  async function load() {
    clearTimeout(again);
    try {
      const listed = await pages();
      for (const session of listed) if (!fresh.has(session.id)) put(session);
      const there = new Set(listed.map(({ id }) => id));
      for (const id of [...all.keys()]) if (!there.has(id) && !fresh.has(id)) drop(id);
      kept.isWhole = true;
      listener.whole();
      listener.changed();
    } catch (error) {
      listener.failed(error);
      if (error instanceof Problem && error.retryable) again = setTimeout(load, AGAIN);
    }
  }

  /**
   * @param {Session} shown
   * @param {boolean} [isLogged] whether it is without its code
   */
  function put(shown, isLogged = false) {
    const before = all.get(shown.id);
    const session = isLogged ? withCode(shown, before) : shown;
    fresh.add(session.id);
    all.set(session.id, session);
    listener.told(session, before);
    listener.changed();
  }

  /** @param {string} id */
  function drop(id) {
    const session = all.get(id);
    fresh.add(id);
    all.delete(id);
    if (session) listener.deleted(session);
    listener.changed();
  }
}

/**
 * The log of events has no codes: a code stays until an event of its own says otherwise.
 * @param {Session} session
 * @param {Session | undefined} before
 * @returns {Session}
 */
export function withCode(session, before) {
  if (!before || session.status !== "qr_waiting") return session;
  return { ...session, qrCode: before.qrCode, qrExpiresAt: before.qrExpiresAt };
}

/** @returns {Promise<Session[]>} */
async function pages() {
  const found = [];
  let cursor = "";
  do {
    const page = await (await ask("GET", `sessions?limit=200${cursor}`)).json();
    found.push(...page.items);
    cursor = page.nextCursor && `&cursor=${encodeURIComponent(page.nextCursor)}`;
  } while (cursor);
  return found;
}
