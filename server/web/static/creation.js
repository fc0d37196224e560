// @ts-check
/** Making a session. */

import { ask } from "./api.js";
import { busy, by, dialog, input, part } from "./element.js";
import { complain, hush } from "./notice.js";

const shown = dialog("creation");
const form = part(shown, "form");

/**
 * Ask for a name and an id, until the dialog is closed.
 * @param {string[] | null} ids those that the key is bound to; null: any
 * @param {(session: import("./sessions.js").Session) => void} made
 */
export function create(ids, made) {
  hush(shown);
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
 * The code is waited for where it is shown, and not here.
 * @param {(session: import("./sessions.js").Session) => void} made
 */
async function send(made) {
  hush(shown);
  const [id, name] = [input("id").value.trim(), input("name").value.trim()];
  try {
    const body = { ...(id && { id }), ...(name && { name }) };
    const answer = await ask("POST", "sessions", { body, prefer: "respond-async" });
    shown.close();
    made(await answer.json());
  } catch (error) {
    complain(shown, error, () => busy(part(form, ".primary"), () => send(made)));
  }
}

/** @param {string[]} ids */
function bind(ids) {
  by("id-optional").hidden = true;
  by("id-hint").textContent = `Your key may make these: ${ids.join(", ")}.`;
}
