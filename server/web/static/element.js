// @ts-check
/** Finds and changes elements of the page. */

/** @param {string} id */
export function by(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/** @param {string} id */
export function input(id) {
  return /** @type {HTMLInputElement} */ (by(id));
}

/** @param {string} id */
export function dialog(id) {
  return /** @type {HTMLDialogElement} */ (by(id));
}

/**
 * Returns the first element in `where` that matches the selector.
 * @param {ParentNode} where
 * @param {string} selector
 */
export function part(where, selector) {
  return /** @type {HTMLElement} */ (where.querySelector(selector));
}

/**
 * Returns a copy of the content of a template.
 * @param {string} template
 */
export function copy(template) {
  const { content } = /** @type {HTMLTemplateElement} */ (by(template));
  return /** @type {HTMLElement} */ (content.firstElementChild?.cloneNode(true));
}

/**
 * Sets the text of an element. Does not set the same text again: a screen reader would read it out again.
 * @param {Element} where
 * @param {string} text
 */
export function write(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

/** Moves a focus that was lost with its element to the heading of what is shown: a keyboard goes on there. */
export function refocus() {
  const { activeElement: focused } = document;
  // A browser notices only at its next frame that what has the focus is hidden.
  if (focused && focused !== document.body && focused.checkVisibility()) return;
  const shown = document.querySelector("dialog[open]") ?? document;
  const found = [...shown.querySelectorAll("h2[tabindex], input")].find((one) => one.checkVisibility());
  if (found instanceof HTMLElement) found.focus();
}

/**
 * Runs the work of a button. Until it ends, other clicks do nothing.
 * @param {HTMLElement} button
 * @param {() => Promise<void>} work
 */
export async function busy(button, work) {
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  await work().finally(() => (button.ariaBusy = "false"));
}
