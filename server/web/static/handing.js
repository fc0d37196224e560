// @ts-check
/** Other ways to link a session: a pairing code that is typed, and a scan link that is sent. */

import { ask, at, now } from "./api.js";
import { busy, by, input, part, write } from "./element.js";
import { showError, clearNotice } from "./notice.js";
import { awaitsPairingCode } from "./words.js";

/** The id of the session that is shown. */
let id = "";
let timer = 0;
/** Whether the connection has no more QR codes, only a pairing code. */
let isLast = false;

const form = by("pairing");
const sending = by("sending");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void busy(part(form, "button"), type);
});
by("make-link").addEventListener("click", () => busy(by("make-link"), send));

/**
 * Resets the forms for a session.
 * @param {string} session_id
 */
export function hand(session_id) {
  id = session_id;
  isLast = false;
  clearInterval(timer);
  for (const [name, where] of Object.entries({ typing: form, sending })) {
    /** @type {HTMLDetailsElement} */ (by(name)).open = false;
    clearNotice(where);
  }
  input("phone").value = "";
  by("link-made").hidden = true;
  showTyped("");
  write(by("copied"), "");
}

/**
 * Removes a pairing code when its connection has ended: it is then invalid, even before it expires.
 * @param {import("./sessions.js").Session} session
 */
export function hear({ status, statusReason, qrCode }) {
  const was = isLast;
  isLast = awaitsPairingCode({ statusReason });
  const isOpen = status === "starting" || status === "qr_waiting";
  const isLost = isOpen && qrCode === null && statusReason !== null && !isLast;
  if (isLost || (isOpen && was && !isLast)) end();
}

/** The pairing code is no longer valid. */
function end() {
  if (!by("typed").textContent) return;
  clearInterval(timer);
  showTyped("");
  by("typed-over").hidden = false;
}

/** Requests a pairing code. */
async function type() {
  clearNotice(form);
  clearInterval(timer);
  showTyped("");
  const phoneNumber = input("phone").value.trim();
  try {
    const { code, expiresAt } = await (await ask("POST", `${at(id)}/pairing-code`, { body: { phoneNumber } })).json();
    const until = Date.parse(expiresAt);
    write(by("typed-until"), new Date(until).toLocaleTimeString([], { timeStyle: "medium" }));
    showTyped(`${code.slice(0, 4)}-${code.slice(4)}`);
    timer = setInterval(() => {
      if (now() >= until) end();
    }, 1000);
  } catch (error) {
    showError(form, error, () => void busy(part(form, "button"), type));
  }
}

/**
 * Shows a pairing code with instructions.
 * @param {string} code empty: hides them
 */
function showTyped(code) {
  write(by("typed"), code);
  by("typed-how").hidden = !code;
  by("typed-over").hidden = true;
}

/** Creates a scan link and copies it to the clipboard. */
async function send() {
  clearNotice(sending);
  try {
    const { url } = await (await ask("POST", `${at(id)}/scan-link`)).json();
    input("scan-link").value = url;
    by("link-made").hidden = false;
    write(by("copied"), (await isCopied(url)) ? "Copied." : "Copy it from the field above.");
  } catch (error) {
    showError(sending, error, () => void busy(by("make-link"), send));
  }
}

/**
 * Whether the text could be copied. Browsers allow it only over TLS or on localhost, and the person may forbid it.
 * @param {string} text
 */
async function isCopied(text) {
  const { clipboard } = navigator;
  const copied =
    clipboard &&
    (await clipboard.writeText(text).then(
      () => true,
      () => false,
    ));
  if (!copied) input("scan-link").select();
  return copied;
}
