// @ts-check
/** A question before something is done that cannot be undone. */

import { by, dialog, write } from "./element.js";

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {string} text what will happen
 * @property {string} verb on the button that does it
 * @property {boolean} [isGrave] something is lost for good
 */

/**
 * Whether the answer is yes. The focus is on the other button, so that no key pressed too often does harm.
 * @param {Question} question
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, text, verb, isGrave = false }) {
  const shown = dialog("question");
  const [yes, no] = [by("yes"), by("no")];
  write(by("question-title"), title);
  write(by("question-text"), text);
  write(yes, verb);
  yes.className = isGrave ? "grave" : "primary";
  shown.returnValue = "";
  yes.onclick = () => shown.close("yes");
  no.onclick = () => shown.close();
  shown.showModal();
  no.focus();
  return new Promise((resolve) => {
    shown.addEventListener("close", () => resolve(shown.returnValue === "yes"), { once: true });
  });
}
