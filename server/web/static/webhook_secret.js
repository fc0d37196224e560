// @ts-check
/** The dialog that shows the secret of a webhook, once. */

import { busy, by, dialog, input, write } from "./element.js";

const shown = dialog("webhook-secret");

by("secret-copy").addEventListener("click", () => busy(by("secret-copy"), copySecret));
shown.addEventListener("close", () => (input("secret").value = ""));

/** @param {string} secret */
export function showSecret(secret) {
  input("secret").value = secret;
  write(by("secret-copied"), "");
  shown.showModal();
  by("secret-copy").focus();
}

/** Browsers allow it only over TLS or on localhost, and the person may forbid it. */
async function copySecret() {
  try {
    await navigator.clipboard.writeText(input("secret").value);
    write(by("secret-copied"), "Copied.");
  } catch {
    input("secret").select();
    write(by("secret-copied"), "Copy the selected text.");
  }
}
