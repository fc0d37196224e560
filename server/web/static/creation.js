// @ts-check
/** The dialog that creates a session. */

import { ask } from "./api.js";
import { busy, by, dialog, input, part } from "./element.js";
import { showError, clearNotice } from "./notice.js";

const shown = dialog("creation");
const form = part(shown, "form");

/**
 * Asks for a name and an id until the dialog is closed.
 * @param {string[] | null} ids the ids that the key is bound to; null: any
 * @param {(session: import("./sessions.js").Session) => void} made
 */
export function create(ids, made) {
  clearNotice(shown);
  input("name").value = "";
  input("id").value = ids?.length === 1 ? ids[0] : "";
  if (ids !== null) bind(ids);
  form.onsubmit = (event) => {
    event.preventDefault();
    busy(part(form, ".primary"), () => send(made));
  };
  shown.showModal();
  input("name").focus();
}

/**
 * Does not wait for the code: the dialog that shows it does.
 * @param {(session: import("./sessions.js").Session) => void} made
 */
async function send(made) {
  clearNotice(shown);
  const [id, name] = [input("id").value.trim(), input("name").value.trim()];
  try {
    const body = { ...(id && { id }), ...(name && { name }) };
    const response = await ask("POST", "sessions", { body, prefer: "respond-async" });
    shown.close();
    made(await response.json());
  } catch (error) {
    showError(shown, error, () => busy(part(form, ".primary"), () => send(made)));
  }
}

/** @param {string[]} ids */
function bind(ids) {
  by("id-optional").hidden = true;
  by("id-hint").textContent = `Your key may create these: ${ids.join(", ")}.`;
}
