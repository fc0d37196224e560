// @ts-check
/** The dialog that changes the names of a session. */

import { ask, at } from "./api.js";
import { busy, dialog, input, part, write } from "./element.js";
import { showError, clearNotice } from "./notice.js";
import { quoted } from "./words.js";

/** The default device name. */
const DEVICE_NAME = "Motte";

const shown = dialog("naming");
const form = part(shown, "form");

/**
 * Asks for both names until the dialog is closed.
 * @param {import("./sessions.js").Session} session
 * @param {(session: import("./sessions.js").Session) => void} changed
 */
export function rename(session, changed) {
  clearNotice(shown);
  write(part(shown, "h2"), `Rename ${quoted(session)}`);
  input("new-name").value = session.name ?? "";
  input("device-name").value = session.deviceName === DEVICE_NAME ? "" : session.deviceName;
  form.onsubmit = (event) => {
    event.preventDefault();
    busy(part(form, ".primary"), () => send(session, changed));
  };
  shown.showModal();
  input("new-name").focus();
}

/**
 * @param {import("./sessions.js").Session} session
 * @param {(session: import("./sessions.js").Session) => void} changed
 */
async function send(session, changed) {
  clearNotice(shown);
  const body = { name: text("new-name"), deviceName: text("device-name") };
  try {
    changed(await (await ask("PATCH", at(session.id), { body })).json());
    shown.close();
  } catch (error) {
    showError(shown, error, () => busy(part(form, ".primary"), () => send(session, changed)));
  }
}

/** Returns null, which stands for the default, if the field is empty. @param {string} id */
function text(id) {
  return input(id).value.trim() || null;
}
