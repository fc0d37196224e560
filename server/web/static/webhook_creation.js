// @ts-check
/** The dialog that creates a webhook. */

import { ask } from "./api.js";
import { busy, by, dialog, input, part } from "./element.js";
import { clearNotice, showError } from "./notice.js";
import { showSecret } from "./webhook_secret.js";
import { TYPES } from "./webhook_words.js";

const shown = dialog("webhook-creation");
const form = part(shown, "form");

by("hook-types").append(...TYPES.map(choice));

/**
 * Asks for an address, types and sessions until the dialog is closed.
 * @param {string[] | null} bound the ids that the key is bound to; null: any
 * @param {() => Promise<void>} made
 */
export function createWebhook(bound, made) {
  clearNotice(shown);
  input("hook-url").value = "";
  input("hook-sessions").value = (bound ?? []).join(", ");
  for (const box of boxes()) box.checked = false;
  form.onsubmit = (event) => {
    event.preventDefault();
    void submit(made);
  };
  shown.showModal();
  input("hook-url").focus();
}

/** @param {() => Promise<void>} made */
function submit(made) {
  return busy(part(form, ".primary"), () => send(made));
}

/** @param {() => Promise<void>} made */
async function send(made) {
  clearNotice(shown);
  const types = boxes().filter(({ checked }) => checked);
  const sessions = input("hook-sessions")
    .value.split(/[\s,]+/)
    .filter(Boolean);
  const body = {
    url: input("hook-url").value.trim(),
    ...(types.length > 0 && { types: types.map(({ value }) => value) }),
    ...(sessions.length > 0 && { sessions }),
  };
  try {
    const { secret } = await (await ask("POST", "webhooks", { body })).json();
    shown.close();
    showSecret(secret);
    await made();
  } catch (error) {
    showError(shown, error, () => void submit(made));
  }
}

/** @returns {HTMLInputElement[]} */
function boxes() {
  return [...form.querySelectorAll("input")].filter(({ type }) => type === "checkbox");
}

/** @param {string} type */
function choice(type) {
  const label = document.createElement("label");
  const box = document.createElement("input");
  Object.assign(box, { type: "checkbox", value: type });
  label.append(box, ` ${type}`);
  return label;
}
