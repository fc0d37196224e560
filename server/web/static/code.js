// @ts-check
/** A session's code, shown until it was scanned and the session is connected. */

import { ask, at, now } from "./api.js";
import { by, dialog, part, write } from "./element.js";
import { hand, hear } from "./handing.js";
import { complain, hush } from "./notice.js";
import { Problem } from "./problem.js";
import { follow } from "./stream.js";
import { awaitsPairingCode, quoted } from "./words.js";

/** @typedef {import("./sessions.js").Session} Session */
/** @typedef {"waiting"|"code"|"scanned"|"linked"|"trouble"|"stuck"} State */

/** A picture is refused so where a phone has scanned its code; the news of that are on their way. */
const OVERTAKEN = ["already-connected", "conflicting-state"];

const shown = dialog("code");
const picture = /** @type {HTMLImageElement} */ (by("picture"));

/** Milliseconds by which two readings of one moment may differ. */
const SAME = 1000;

/** A code and its life, in milliseconds since 1970. */
const NONE = { code: "", from: 0, until: 0 };

/** Another code to scan would need another connection, and the pairing code dies with this one. */
const TYPE_IT = "Type it on the phone. Once it has expired, a code to scan shows up here by itself.";

/** The code that is shown, or being drawn. */
let life = NONE;
let end = () => {};
let timer = 0;

shown.addEventListener("close", () => {
  end();
  clearInterval(timer);
});

/**
 * Show the codes of a session, until the dialog is closed or it is linked.
 * @param {Session} session
 * @param {boolean} canWrite whether the key may hand the code to others
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
 * Who follows a session is a reader: its codes are kept fresh.
 * @param {string} id
 */
function begin(id) {
  end();
  hush(part(shown, ".words"));
  wait();
  end = follow(
    `${at(id)}/events`,
    {
      "session.status": tell,
      "session.qr": tell,
      "session.problem": (problem) => fail(new Problem(problem)),
      "session.deleted": () => over("This session was deleted", ""),
    },
    { open: () => hush(part(shown, ".words")), lost, refused: refuse },
  );
}

/** @param {Session} session */
function tell(session) {
  hear(session);
  const { status, qrCode, qrExpiresAt, phoneNumber, statusReason } = session;
  if (status === "connected") return over("Connected", phoneNumber ? `+${phoneNumber} is linked.` : "", "linked");
  if (status === "pairing") return state("scanned", "Scanned", "Finishing up. Keep WhatsApp open on the phone.");
  if (status !== "starting" && status !== "qr_waiting") return stuck(statusReason?.detail ?? `It is ${status}.`);
  hush(part(shown, ".words"));
  if (qrCode !== null && qrExpiresAt !== null) void draw(session.id, qrCode, Date.parse(qrExpiresAt));
  else if (awaitsPairingCode(session)) state("waiting", "A pairing code is in use", TYPE_IT);
  else wait();
}

/**
 * The server draws; it may have a newer code by now, whose news are on their way.
 * @param {string} id
 * @param {string} code
 * @param {number} until
 */
async function draw(id, code, until) {
  if (life.code === code) return;
  const isRenewed = Math.abs(until - life.until) < SAME; // The secret in the code is new, its time is not.
  life = { code, from: isRenewed ? life.from : now(), until };
  try {
    const svg = await (await ask("GET", `${at(id)}/qr?format=svg`)).text();
    if (life.code !== code) return;
    picture.src = `data:image/svg+xml,${encodeURIComponent(svg)}`;
    picture.hidden = false;
    state("code", "Scan this code", "The next one shows up here by itself.");
    countDown();
  } catch (error) {
    if (life.code !== code || (error instanceof Problem && OVERTAKEN.includes(error.code))) return;
    fail(error);
  }
}

function countDown() {
  const left = Math.max(life.until - now(), 0);
  const whole = life.until - life.from;
  write(by("left"), left > 0 ? `The code changes in ${Math.ceil(left / 1000)} s` : "A fresh code is on its way…");
  shown.toggleAttribute("data-stale", left === 0);
  by("bar").style.transform = `scaleX(${whole > 0 ? Math.min(left / whole, 1) : 0})`;
}

function wait() {
  state("waiting", "One moment", "A code is on its way.");
}

/**
 * A picture that is still being drawn is of no use in any other state than the one of codes.
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

/** The server tries again by itself for as long as somebody follows; who does not want to wait says so. */
function fail(/** @type {unknown} */ error) {
  if (!(error instanceof Problem)) throw error;
  if (!error.retryable) return state("stuck", error.title, error.detail);
  state("trouble", error.title, [error.detail, "Another try follows by itself."].filter(Boolean).join(". "));
}

/** @param {string} why */
function stuck(why) {
  state("stuck", "No code can be shown", why);
}

/**
 * Nothing follows.
 * @param {string} headline
 * @param {string} text
 * @param {State} [name]
 */
function over(headline, text, name = "stuck") {
  end();
  hush(part(shown, ".words"));
  state(name, headline, text);
  if (name === "linked") part(by("code-done"), "button").focus();
}

function lost() {
  const detail = "It may be restarting. This page comes back by itself.";
  complain(shown, new Problem({ title: "The connection was lost", detail, code: "", retryable: false }));
}

/** @param {unknown} error */
function refuse(error) {
  hush(part(shown, ".words"));
  fail(error);
}
