// @ts-check
/** The box that sends a text. Each session has a draft of its own, which is kept until Motte has taken it. */

import { ask, at } from "./api.js";
import { busy, by, input, part, write } from "./element.js";
import { cannotSend, delay, said } from "./writing_words.js";
import { progress } from "./message_words.js";
import { clearNotice, showError } from "./notice.js";
import { Problem } from "./problem.js";

/** @typedef {import("./message_words.js").Message} Message */
/** @typedef {import("./sessions.js").Session} Session */

/**
 * @typedef {object} Draft
 * @property {string} to
 * @property {string} text
 * @property {{to: string, text: string, key: string} | null} attempt a request that Motte may have taken
 * @property {Message | null} last the last message that Motte took
 */

const form = by("writing");
const button = part(form, ".primary");

/**
 * Returns functions that show a session, and take in messages.
 * @param {(id: string, message: Message) => void} taken called with each message that Motte took
 */
export function writing(taken) {
  /** @type {Map<string, Draft>} */
  const drafts = new Map();
  /** The id of the session that is shown; empty: none. */
  let id = "";
  for (const name of /** @type {("to" | "text")[]} */ (["to", "text"])) {
    field(name).addEventListener("input", () => (draft(id)[name] = field(name).value));
  }
  button.addEventListener("click", (event) => {
    if (event.detail > 1) event.preventDefault(); // The second click of a double click.
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  return { open, show, messaged };

  /** Shows the draft of another session. @param {string} session_id empty: none */
  function open(session_id) {
    if (session_id === id) return;
    id = session_id;
    clearNotice(form);
    fill();
  }

  /** Says whether the session can send now. @param {Session} session */
  function show(session) {
    const why = cannotSend(session);
    form.hidden = why !== "";
    write(by("writing-why"), why || delay(session));
    by("writing-why").hidden = !by("writing-why").textContent;
  }

  /** Says how far the last message is. @param {string} session_id @param {Message} message */
  function messaged(session_id, message) {
    const mine = drafts.get(session_id);
    if (mine?.last?.id !== message.id || message.via !== "api" || progress(message) < progress(mine.last)) return;
    mine.last = message;
    if (session_id === id) write(by("writing-said"), said(message));
  }

  function submit() {
    void busy(button, () => send(id, draft(id)));
  }

  /**
   * A request that may have been taken is repeated with its key, so that it sends no second message.
   * @param {string} session_id
   * @param {Draft} mine
   */
  async function send(session_id, mine) {
    clearNotice(form);
    const { to, text } = mine;
    try {
      check(mine);
      if (mine.attempt?.to !== to || mine.attempt.text !== text) mine.attempt = { to, text, key: newKey() };
      const more = { body: { to, text }, key: mine.attempt.key };
      const message = await (await ask("POST", `${at(session_id)}/messages`, more)).json();
      mine.attempt = null;
      mine.last = message;
      if (mine.text === text) mine.text = "";
      if (session_id === id) fill();
      taken(session_id, message);
    } catch (error) {
      if (session_id === id) showError(form, error, submit);
    }
  }

  /** @param {string} session_id @returns {Draft} */
  function draft(session_id) {
    const found = drafts.get(session_id) ?? { to: "", text: "", attempt: null, last: null };
    drafts.set(session_id, found);
    return found;
  }

  function fill() {
    const { to, text, last } = draft(id);
    field("to").value = to;
    field("text").value = text;
    write(by("writing-said"), last ? said(last) : "");
  }
}

/** Raises Problem. @param {Draft} draft */
function check({ to, text }) {
  const missing = !to.trim() ? "to" : !text.trim() ? "text" : null;
  if (missing === null) return;
  field(missing).focus();
  const title = missing === "to" ? "Enter to whom the text goes" : "Enter a text";
  throw new Problem({ title, detail: "", code: "", retryable: false });
}

/** @param {"to" | "text"} name */
function field(name) {
  return input(`writing-${name}`);
}

/** Random text. `crypto.randomUUID` is missing on a page without TLS. */
function newKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
