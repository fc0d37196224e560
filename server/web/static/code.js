// @ts-check
/** The dialog that shows the codes of a session until the session is connected. */

import { ask, at, now } from "./api.js";
import { by, dialog, part, write } from "./element.js";
import { hand, hear } from "./handing.js";
import { showError, clearNotice } from "./notice.js";
import { Problem } from "./problem.js";
import { withCode } from "./sessions.js";
import { follow } from "./stream.js";
import { awaitsPairingCode, quoted } from "./words.js";

/** @typedef {import("./sessions.js").Session} Session */
/** @typedef {"waiting"|"code"|"scanned"|"linked"|"trouble"|"stuck"} State */

/** Errors of a picture whose code a phone has scanned: an event follows. */
const OVERTAKEN = ["already-connected", "conflicting-state"];

const shown = dialog("code");
const picture = /** @type {HTMLImageElement} */ (by("picture"));

/** Milliseconds by which two readings of one moment may differ. */
const SAME = 1000;

/** Milliseconds after which a code fades if the connection is lost. */
const FADE = 5000;

/** A code and its life, in milliseconds since 1970. */
const NONE = { code: "", from: 0, until: 0 };

/** Another QR code would need a new connection, which would invalidate the pairing code. */
const TYPE_IT = "Type it on the phone. After it has expired, a QR code appears here automatically.";

/** The code that is shown or loading. */
let life = NONE;
/** The session as it was last. @type {Session | undefined} */
let last;
let end = () => {};
/** When the connection was lost; in milliseconds since 1970. */
let lostAt = Infinity;
let timer = 0;

shown.addEventListener("close", () => {
  end();
  clearInterval(timer);
});

/**
 * Shows the codes of a session until the dialog is closed or the session is linked.
 * @param {Session} session
 * @param {boolean} canWrite whether the key may create pairing codes and scan links
 */
export function showCode(session, canWrite) {
  write(by("code-title"), `Link ${quoted(session)}`);
  by("other").dataset.allowed = String(canWrite);
  part(by("code-again"), "button").onclick = () => begin(session.id);
  hand(session.id);
  shown.showModal();
  by("code-title").focus();
  clearInterval(timer);
  timer = setInterval(countDown, 250);
  begin(session.id);
}

/**
 * Follows the session. While a page follows it, the server refreshes its codes.
 * @param {string} id
 */
function begin(id) {
  end();
  last = undefined;
  found();
  wait();
  end = follow(
    `${at(id)}/events`,
    {
      "session.status": tell,
      "session.qr": tell,
      "session.problem": (problem) => fail(new Problem(problem)),
      "session.deleted": () => over("This session was deleted", ""),
      "stream.stopped": () => state("trouble", "Motte has stopped", "This page connects again automatically."),
    },
    { open: found, lost, refused: refuse },
  );
}

/**
 * @param {Session} heard
 * @param {boolean} isLogged whether it is without its code
 */
function tell(heard, isLogged) {
  const session = isLogged ? withCode(heard, last) : heard;
  last = session;
  hear(session);
  const { status, qrCode, qrExpiresAt, phoneNumber, statusReason } = session;
  if (status === "connected") return over("Connected", phoneNumber ? `+${phoneNumber} is linked.` : "", "linked");
  if (status === "pairing") return state("scanned", "Scanned", "Finishing up. Keep WhatsApp open on the phone.");
  if (status !== "starting" && status !== "qr_waiting") return stuck(statusReason?.detail ?? `It is ${status}.`);
  clearNotice(part(shown, ".words"));
  if (qrCode !== null && qrExpiresAt !== null) void draw(session.id, qrCode, Date.parse(qrExpiresAt));
  else if (awaitsPairingCode(session)) state("waiting", "A pairing code is in use", TYPE_IT);
  else wait();
}

/**
 * Loads the picture of a code. If the server has a newer code by now, an event follows.
 * @param {string} id
 * @param {string} code
 * @param {number} until
 */
async function draw(id, code, until) {
  if (life.code === code) return;
  const isRenewed = Math.abs(until - life.until) < SAME; // The code is new but expires at the same time.
  life = { code, from: isRenewed ? life.from : now(), until };
  try {
    const svg = await (await ask("GET", `${at(id)}/qr?format=svg`)).text();
    if (life.code !== code) return;
    picture.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    picture.hidden = false;
    state("code", "Scan this code", "The next code appears here automatically.");
    countDown();
  } catch (error) {
    if (life.code !== code || (error instanceof Problem && OVERTAKEN.includes(error.code))) return;
    fail(error);
  }
}

function countDown() {
  const isLost = now() - lostAt >= FADE;
  if (isLost && shown.dataset.state === "waiting") {
    clearNotice(part(shown, ".words")); // It says the same.
    state("trouble", "The connection was lost", "This page connects again automatically.");
  }
  const left = isLost ? 0 : Math.max(life.until - now(), 0);
  const whole = life.until - life.from;
  write(by("left"), remaining(left, isLost));
  shown.toggleAttribute("data-stale", left === 0);
  by("bar").style.transform = `scaleX(${whole > 0 ? Math.min(left / whole, 1) : 0})`;
}

/**
 * @param {number} left milliseconds
 * @param {boolean} isLost
 */
function remaining(left, isLost) {
  if (isLost || (left === 0 && lostAt < Infinity)) return "This code may no longer work.";
  return left > 0 ? `The code changes in ${Math.ceil(left / 1000)} s` : "A new code will appear soon…";
}

function wait() {
  state("waiting", "One moment", "A code will appear soon.");
}

/**
 * Shows a state. A picture that is still loading is used only in the state `code`.
 * @param {State} name
 * @param {string} headline
 * @param {string} text
 */
function state(name, headline, text) {
  if (name !== "code") life = NONE;
  shown.dataset.state = name;
  write(by("headline"), headline);
  write(by("text"), text);
  const isOpen = name === "waiting" || name === "code";
  by("how").hidden = !isOpen;
  by("other").hidden = !isOpen || by("other").dataset.allowed === "false";
  by("code-again").hidden = name !== "trouble";
  by("code-done").hidden = name !== "linked";
}

/** The server tries again while this page follows the session; a button tries at once. */
function fail(/** @type {unknown} */ error) {
  if (!(error instanceof Problem)) throw error;
  if (!error.retryable) return state("stuck", error.title, error.detail);
  state("trouble", error.title, [error.detail, "This page tries again automatically."].filter(Boolean).join(". "));
}

/** @param {string} why */
function stuck(why) {
  state("stuck", "No code can be shown", why);
}

/**
 * Shows the last state and stops following.
 * @param {string} headline
 * @param {string} text
 * @param {State} [name]
 */
function over(headline, text, name = "stuck") {
  end();
  clearNotice(part(shown, ".words"));
  state(name, headline, text);
  if (name === "linked") part(by("code-done"), "button").focus();
}

function found() {
  lostAt = Infinity;
  clearNotice(part(shown, ".words"));
}

function lost() {
  lostAt = Math.min(lostAt, now());
  if (shown.dataset.state === "trouble") return; // It says already that the page tries again.
  const detail = "Motte may be restarting. This page reconnects automatically.";
  showError(
    shown,
    new Problem({ title: "The connection was lost", detail, code: "connection-lost", retryable: false }),
  );
}

/** @param {unknown} error */
function refuse(error) {
  clearNotice(part(shown, ".words"));
  fail(error);
}
