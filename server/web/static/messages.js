// @ts-check
/** The last messages of one session, kept up to date by the stream of events. */

import { ask, at } from "./api.js";
import { progress } from "./message_words.js";
import { Problem } from "./problem.js";

/** @typedef {import("./message_words.js").Message} Message */

/** Messages of one read. */
const PAGE = 50;

/** New messages after which the list is read again: it does not grow for ever. */
const MAX_ADDED = 200;

/** Milliseconds from a read that failed to the next one. */
const AGAIN = 5000;

/**
 * @param {{changed: () => void, failed: (error: unknown) => void}} listener changed: called after each change
 */
export function lastMessages({ changed, failed }) {
  /** The id of the session; empty: none. */
  let id = "";
  /** What came from events while the newest ones are read; null: nothing is read. @type {Message[] | null} */
  let fresh = null;
  /** Of the next older page; empty: it is the last one. */
  let cursor = "";
  let added = 0;
  let again = 0;
  /** Counts the reads, so that a read which was overtaken is dropped. */
  let turn = 0;
  /** all: the newest first. isRead: whether the newest were read. @type {{all: Message[], isRead: boolean, hasOlder: boolean}} */
  const shown = { all: [], isRead: false, hasOlder: false };
  return { shown, open, load, loadOlder, put };

  /** Follows another session. @param {string} session_id empty: none */
  function open(session_id) {
    id = session_id;
    clearTimeout(again);
    turn += 1;
    Object.assign(shown, { all: [], isRead: false, hasOlder: false });
    if (id) void load();
  }

  /** Reads the newest messages again: events may have been missed. */
  async function load() {
    if (!id) return;
    clearTimeout(again);
    const mine = ++turn;
    fresh = [];
    try {
      const { items, nextCursor } = await read("");
      if (mine !== turn) return;
      Object.assign(shown, { all: items, isRead: true });
      note(items, nextCursor);
      const came = fresh ?? [];
      fresh = null;
      added = 0;
      came.forEach(insert);
      changed();
    } catch (error) {
      if (mine !== turn) return;
      fresh = null;
      if (error instanceof Problem && error.retryable) again = setTimeout(load, AGAIN);
      failed(error);
    }
  }

  /** Reads the page behind the oldest message. Raises Problem. */
  async function loadOlder() {
    const mine = turn;
    const { items, nextCursor } = await read(cursor);
    if (mine !== turn) return;
    shown.all.push(...items.filter((item) => !shown.all.some((one) => isSame(one, item))));
    note(items, nextCursor);
    changed();
  }

  /** Takes in a message of an event or of a response. @param {Message} message */
  function put(message) {
    fresh?.push(message);
    if (!shown.isRead) return;
    insert(message);
    if (added >= MAX_ADDED && fresh === null) void load(); // One read at a time, or none ends while messages pour in.
    changed();
  }

  /** @param {Message} message */
  function insert(message) {
    const { all } = shown;
    const index = all.findIndex((one) => isSame(one, message));
    if (index >= 0) {
      if (progress(message) > progress(all[index])) all[index] = message;
      return;
    }
    const place = all.findIndex((one) => one.receivedAt <= message.receivedAt);
    if (place < 0 && shown.hasOlder) return; // It is on an older page.
    all.splice(place < 0 ? all.length : place, 0, message);
    added += 1;
  }

  /** @param {Message[]} items @param {string} next */
  function note(items, next) {
    cursor = next;
    shown.hasOlder = items.length === PAGE;
  }

  /** @param {string} after @returns {Promise<{items: Message[], nextCursor: string}>} */
  async function read(after) {
    const behind = after && `&after=${encodeURIComponent(after)}`;
    return (await ask("GET", `${at(id)}/messages?order=newest&limit=${PAGE}${behind}`)).json();
  }
}

/**
 * Whether two readings are of one message. Senders choose ids; a person may be named by number, by LID or by both.
 * @param {Message} one
 * @param {Message} other
 */
export function isSame(one, other) {
  if (one.id !== other.id || one.fromMe !== other.fromMe) return false;
  return (
    isOneOf(one.chat, one.chatLid, other.chat, other.chatLid) &&
    isOneOf(one.sender, one.senderLid, other.sender, other.senderLid)
  );
}

/**
 * @param {string} address
 * @param {string | null} lid
 * @param {string} address_there
 * @param {string | null} lid_there
 */
function isOneOf(address, lid, address_there, lid_there) {
  return (
    address === address_there || address === lid_there || lid === address_there || (lid !== null && lid === lid_there)
  );
}
