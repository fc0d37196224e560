// @ts-check
/** Parts of the page, by their names. */

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
 * The one part in `where` that the selector names.
 * @param {ParentNode} where
 * @param {string} selector
 */
export function part(where, selector) {
  return /** @type {HTMLElement} */ (where.querySelector(selector));
}

/**
 * What a template holds, once more.
 * @param {string} template
 */
export function copy(template) {
  const { content } = /** @type {HTMLTemplateElement} */ (by(template));
  return /** @type {HTMLElement} */ (content.firstElementChild?.cloneNode(true));
}

/**
 * Always as text. A screen reader reads out what is written, the same words too: so those are left alone.
 * @param {Element} where
 * @param {string} text
 */
export function write(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

/**
 * A button whose work takes a while does nothing else meanwhile.
 * @param {HTMLElement} button
 * @param {() => Promise<void>} work
 */
export async function busy(button, work) {
  if (button.ariaBusy === "true") return;
  button.ariaBusy = "true";
  await work().finally(() => (button.ariaBusy = "false"));
}
