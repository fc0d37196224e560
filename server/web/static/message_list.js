// @ts-check
/** The last messages on the page of a session, the newest first. */

import { busy, by, refocus } from "./element.js";
import { messageRow } from "./message_row.js";
import { lastMessages } from "./messages.js";
import { clearNotice, showError } from "./notice.js";

/** @typedef {import("./message_words.js").Message} Message */

/** Milliseconds from a change to the list that shows it. Messages come in bursts. */
const SOON = 50;

/** Returns functions that show a session, and take in messages. */
export function messageList() {
  /** The id of the session whose messages are shown; empty: none. */
  let id = "";
  let isDue = false;
  /** @type {Map<string, ReturnType<typeof messageRow>>} */
  const rows = new Map();
  const messages = lastMessages({ changed: soon, failed });
  const { shown } = messages;
  by("messages-older").addEventListener("click", () => busy(by("messages-older"), older));
  return { open, messaged, missed: messages.load };

  /** Shows the messages of another session. @param {string} session_id empty: none */
  function open(session_id) {
    if (session_id === id) return;
    id = session_id;
    clearNotice(by("messages-panel"));
    messages.open(id);
    show();
  }

  /** @param {string} session_id @param {Message} message */
  function messaged(session_id, message) {
    if (session_id === id) messages.put(message);
  }

  /** Shows many changes at once. */
  function soon() {
    if (isDue) return;
    isDue = true;
    setTimeout(show, SOON);
  }

  function show() {
    isDue = false;
    const { all, isRead, hasOlder } = shown;
    if (isRead) clearNotice(by("messages-panel"));
    by("messages-loading").hidden = isRead;
    by("messages-none").hidden = !isRead || all.length > 0;
    const focused = document.activeElement;
    place(all);
    by("messages-older").hidden = !hasOlder;
    if (focused !== document.body) refocus();
  }

  /** Rows that stay keep the focus. @param {Message[]} all */
  function place(all) {
    const names = new Set(all.map(nameOf));
    for (const [name, { item }] of rows) {
      if (names.has(name)) continue;
      item.remove();
      rows.delete(name);
    }
    let before = by("messages").firstElementChild;
    for (const message of all) {
      const row = rows.get(nameOf(message)) ?? messageRow();
      rows.set(nameOf(message), row);
      if (row.item === before) before = before.nextElementSibling;
      else by("messages").insertBefore(row.item, before);
      row.show(message, quoted(message));
    }
  }

  /** The text of the message that this one answers, edits, deletes or reacts to; null: not known. @param {Message} message */
  function quoted({ replyTo, target }) {
    if (target === null) return replyTo?.text ?? null;
    const { id, sender } = target;
    return shown.all.find((one) => one.id === id && [one.sender, one.senderLid].includes(sender))?.text ?? null;
  }

  async function older() {
    try {
      await messages.loadOlder();
    } catch (error) {
      showError(by("messages-panel"), error, () => busy(by("messages-older"), older));
    }
  }

  /** @param {unknown} error */
  function failed(error) {
    by("messages-loading").hidden = true;
    showError(by("messages-panel"), error, () => void messages.load());
  }
}

/** Names a message among those of its session. Only ids of the API are unique. @param {Message} message */
function nameOf({ id, via, chat, chatLid, sender, senderLid }) {
  return via === "api" ? id : JSON.stringify([id, chatLid ?? chat, senderLid ?? sender]);
}
