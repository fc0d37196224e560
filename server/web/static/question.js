// @ts-check
/** A question before an action that cannot be undone. */

import { by, dialog, write } from "./element.js";

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {string} text what will happen
 * @property {string} verb the text of the button that does it
 * @property {boolean} [isDestructive] something is lost permanently
 */

/**
 * Whether the person confirmed. The focus is on the other button, so that an accidental key press does no harm.
 * @param {Question} question
 * @returns {Promise<boolean>}
 */
export function confirmed({ title, text, verb, isDestructive = false }) {
  const shown = dialog("question");
  const [yes, no] = [by("yes"), by("no")];
  write(by("question-title"), title);
  write(by("question-text"), text);
  write(yes, verb);
  yes.className = isDestructive ? "grave" : "primary";
  shown.returnValue = "";
  yes.onclick = () => shown.close("yes");
  no.onclick = () => shown.close();
  shown.showModal();
  no.focus();
  return new Promise((resolve) => {
    shown.addEventListener("close", () => resolve(shown.returnValue === "yes"), { once: true });
  });
}
