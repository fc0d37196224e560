// @ts-check
/** Other ways to link a session than to scan the code on this screen: one that is typed, and a link that is sent. */

import { ask, at, now } from "./api.js";
import { busy, by, input, part, write } from "./element.js";
import { complain, hush } from "./notice.js";

/** Of the session that is shown. */
let id = "";
let timer = 0;

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
  clearInterval(timer);
  for (const [name, where] of Object.entries({ typing: form, sending })) {
    /** @type {HTMLDetailsElement} */ (by(name)).open = false;
    hush(where);
  }
  input("phone").value = "";
  by("link-made").hidden = true;
  write(by("typed"), "");
  write(by("copied"), "");
}

/** Ask for characters to type on the phone. */
async function type() {
  hush(form);
  clearInterval(timer);
  write(by("typed"), "");
  const phoneNumber = input("phone").value.replace(/[^0-9]/g, "");
  try {
    const { code, expiresAt } = await (await ask("POST", `${at(id)}/pairing-code`, { body: { phoneNumber } })).json();
    write(by("typed"), `${code.slice(0, 4)}-${code.slice(4)}`);
    const until = Date.parse(expiresAt);
    timer = setInterval(() => {
      if (now() < until) return;
      clearInterval(timer);
      write(by("typed"), "This code is over. Get another one.");
    }, 1000);
  } catch (error) {
    complain(form, error, () => void busy(part(form, "button"), type));
  }
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
  const copied = clipboard && (await clipboard.writeText(text).then(() => true, () => false));
  if (!copied) input("scan-link").select();
  return copied;
}
