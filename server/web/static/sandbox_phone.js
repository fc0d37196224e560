// @ts-check
/** A simulated phone that writes to the session: only while the sandbox runs. */

import { ask, at } from "./api.js";
import { busy, by, input, part, write } from "./element.js";
import { clearNotice, showError } from "./notice.js";

const panel = by("phone-panel");
const form = by("phone-writes");

/** Returns the function that shows the form for a session. @param {boolean} canWrite whether the key may send messages */
export function sandboxPhone(canWrite) {
  /** The id of the session that is shown; empty: none. */
  let id = "";
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  return { show };

  /** @param {import("./sessions.js").Session} session */
  function show(session) {
    const isOffered = canWrite && document.body.dataset.sandbox === "yes" && session.phoneNumber !== null;
    panel.hidden = !isOffered;
    if (session.id === id) return;
    id = session.id;
    clearNotice(form);
    write(by("phone-said"), "");
  }

  function submit() {
    void busy(part(form, "button"), () => send(id));
  }

  /** @param {string} session_id */
  async function send(session_id) {
    clearNotice(form);
    write(by("phone-said"), "");
    const [from, text] = ["phone-number", "phone-text"].map((name) => input(name).value);
    try {
      await ask("POST", `${at(session_id)}/sandbox/messages`, { body: { from, text, pushName: "Sandbox" } });
      if (input("phone-text").value === text) input("phone-text").value = "";
      if (session_id === id) write(by("phone-said"), "The phone has written.");
    } catch (error) {
      if (session_id === id) showError(form, error, submit);
    }
  }
}
