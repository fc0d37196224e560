// @ts-check
/** What can be done with a session: a button for the main action, and a menu with the others. */

import { possible } from "./deeds.js";
import { part, write } from "./element.js";
import { close } from "./menu.js";
import { quoted } from "./words.js";

/** @typedef {import("./sessions.js").Session} Session */
/** @typedef {import("./deeds.js").Action} Action */
/** @typedef {(action: Action, id: string, where: HTMLElement) => void} Choose called with the chosen action */

/**
 * @param {HTMLElement} where contains the button and the menu
 * @param {boolean} canWrite
 * @param {Choose} choose
 */
export function offers(where, canWrite, choose) {
  const first = part(where, ".first");
  const menu = /** @type {HTMLDetailsElement} */ (part(where, ".menu"));
  const summary = part(menu, "summary");
  /** @type {Action | null} */
  let offered = null;
  let id = "";
  first.addEventListener("click", () => offered && choose(offered, id, where));
  return { show };

  /** Returns whether the focus was on a button that is gone. @param {Session} session */
  function show(session) {
    const { first: best, others } = possible(session, canWrite);
    const hadFocus = where.contains(document.activeElement);
    id = session.id;
    offered = best;
    first.hidden = best === null;
    write(first, best?.name ?? "");
    first.setAttribute("aria-label", best ? `${best.name}: ${quoted(session)}` : "");
    write(part(menu, ".unseen"), `More for ${quoted(session)}`);
    menu.hidden = others.length === 0;
    const all = best ? [best, ...others] : others; // Where there is no room for the first button, the menu has it.
    const names = all.map(({ name }) => name).join();
    if (menu.dataset.names !== names) part(menu, "div").replaceChildren(...all.map(button));
    menu.dataset.names = names;
    if (!hadFocus || isThere(document.activeElement)) return false;
    if (!menu.hidden) summary.focus();
    return menu.hidden;
  }

  /** @param {Action} action */
  function button(action) {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = action.name;
    made.classList.toggle("main", action === offered);
    made.classList.toggle("bad", Boolean(action.isDestructive));
    made.addEventListener("click", () => {
      close(menu);
      choose(action, id, where);
    });
    return made;
  }

  /** @param {Element | null} focused */
  function isThere(focused) {
    return focused instanceof HTMLElement && where.contains(focused) && focused.closest("[hidden]") === null;
  }
}
