// @ts-check
/** Other ways to link a session than to scan the code on this screen: one that is typed, and a link that is sent. */

import { ask, at, now } from "./api.js";
import { busy, by, input, part, write } from "./element.js";
import { complain, hush } from "./notice.js";
import { awaitsPairingCode } from "./words.js";

/** Of the session that is shown. */
let id = "";
let timer = 0;
/** Whether nothing but a pairing code was left on the connection. */
let isLast = false;

const form = by("pairing");
const sending = by("sending");

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void busy(part(form, "button"), type);
});
by("make-link").addEventListener("click", () => busy(by("make-link"), send));

/**
 * Begin with a session.
 * @param {string} session_id
 */
export function hand(session_id) {
  id = session_id;
  isLast = false;
  clearInterval(timer);
  for (const [name, where] of Object.entries({ typing: form, sending })) {
    /** @type {HTMLDetailsElement} */ (by(name)).open = false;
    hush(where);
  }
  input("phone").value = "";
  by("link-made").hidden = true;
  showTyped("");
  write(by("copied"), "");
}

/**
 * A pairing code dies with the connection that it was issued on, whatever its time.
 * @param {import("./sessions.js").Session} session
 */
export function hear({ status, statusReason, qrCode }) {
  const was = isLast;
  isLast = awaitsPairingCode({ statusReason });
  const isOpen = status === "starting" || status === "qr_waiting";
  const isLost = isOpen && qrCode === null && statusReason !== null && !isLast;
  if (isLost || (isOpen && was && !isLast)) end();
}

/** The code cannot be typed any more. */
function end() {
  if (!by("typed").textContent) return;
  clearInterval(timer);
  showTyped("");
  by("typed-over").hidden = false;
}

/** Ask for characters to type on the phone. */
async function type() {
  hush(form);
  clearInterval(timer);
  showTyped("");
  const phoneNumber = input("phone").value.replace(/[^0-9]/g, "");
  try {
    const { code, expiresAt } = await (await ask("POST", `${at(id)}/pairing-code`, { body: { phoneNumber } })).json();
    const until = Date.parse(expiresAt);
    write(by("typed-until"), new Date(until).toLocaleTimeString([], { timeStyle: "medium" }));
    showTyped(`${code.slice(0, 4)}-${code.slice(4)}`);
    timer = setInterval(() => {
      if (now() >= until) end();
    }, 1000);
  } catch (error) {
    complain(form, error, () => void busy(part(form, "button"), type));
  }
}

/**
 * What is to be typed, with where and until when. While it is shown, nothing is said of scanning.
 * @param {string} code may be empty
 */
function showTyped(code) {
  write(by("typed"), code);
  by("typed-how").hidden = !code;
  by("typed-over").hidden = true;
}

/** Make a link, and put it where it can be pasted from. */
async function send() {
  hush(sending);
  try {
    const { url } = await (await ask("POST", `${at(id)}/scan-link`)).json();
    input("scan-link").value = url;
    by("link-made").hidden = false;
    write(by("copied"), (await isCopied(url)) ? "Copied." : "Copy it from the field above.");
  } catch (error) {
    complain(sending, error, () => void busy(by("make-link"), send));
  }
}

/**
 * Browsers have a clipboard only where the page came by TLS, or from this very host, and the person may forbid it.
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
