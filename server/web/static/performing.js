// @ts-check
/** Does what a person chose for a session, after a question if something is lost. */

import { ask, at } from "./api.js";
import { showCode } from "./code.js";
import { busy, by } from "./element.js";
import { rename } from "./naming.js";
import { showError, clearNotice } from "./notice.js";
import { confirmed } from "./question.js";
import { quoted } from "./words.js";

/** @typedef {import("./sessions.js").Session} Session */
/** @typedef {import("./deeds.js").Action} Action */

/**
 * @param {(id: string) => Session | undefined} find
 * @param {(session: Session) => void} put called with the session as it is after the action
 * @param {boolean} canWrite
 * @returns {import("./offers.js").Choose}
 */
export function performing(find, put, canWrite) {
  /** What was chosen last for each session. @type {Map<string, Promise<void>>} */
  const last = new Map();
  return (action, id, where) => {
    const session = find(id);
    if (session) void choose(action, session, where);
  };

  /**
   * @param {Action} action
   * @param {Session} session
   * @param {HTMLElement} where
   */
  async function choose(action, session, where) {
    if (action.isNaming) return rename(session, put);
    if (!action.verb) return showCode(session, canWrite);
    if (action.question && !(await confirmed(action.question(session)))) return;
    await inTurn(action, session, where);
  }

  /**
   * Does what was chosen after what was chosen before: a confirmed action is never dropped.
   * @param {Action} action
   * @param {Session} session
   * @param {HTMLElement} where
   */
  function inTurn(action, session, where) {
    const before = last.get(session.id) ?? Promise.resolve();
    const turn = before.catch(() => {}).then(() => busy(where, () => perform(action, session, where)));
    last.set(session.id, turn);
    return turn.finally(() => last.get(session.id) === turn && last.delete(session.id));
  }

  /**
   * @param {Action} action
   * @param {Session} session
   * @param {HTMLElement} where
   */
  async function perform(action, session, where) {
    clearNotice(by("notices"));
    try {
      if (action.verb === "delete") return void (await ask("DELETE", at(session.id)));
      const after = await (await ask("POST", `${at(session.id)}/${action.verb}`, { body: action.body })).json();
      put(after);
      const wantsCode = action.isFirst || action.body;
      if (wantsCode && ["starting", "qr_waiting"].includes(after.status)) showCode(after, canWrite);
    } catch (error) {
      const again = () => void inTurn(action, session, where);
      showError(by("notices"), error, again, `${action.name} ${quoted(session)}`);
    }
  }
}
