// @ts-check
/** Updates the scan page: new QR codes, the scan, the end. Without JavaScript the page reloads instead. */

/**
 * The part of the page that changes, with the texts of the server.
 * @typedef {object} View
 * @property {string} state
 * @property {string} title
 * @property {string} text
 * @property {string | null} picture
 * @property {number | null} secondsLeft until the code changes
 */

import { expireCode, followNumber } from "./scan_number.js";

/** Milliseconds between two attempts to connect after the browser has given up. */
const AGAIN = 3000;

/** Milliseconds after which a code fades if the connection is lost. */
const FADE = 5000;

/** Milliseconds without an event after which the connection counts as lost. The server sends one every 15 s. */
const SILENCE = 20_000;

/** Milliseconds by which two measurements of a time may differ. A renewed code expires when the old one did. */
const SAME = 1000;

/** The last states: no other view follows. */
const ENDS = ["linked", "over"];

const { body } = document;
/** Texts in the language of the page. @type {Record<"lost"|"unsure"|"changes"|"soon", string>} */
const said = JSON.parse(String(body.dataset.texts));
const heading = element("heading");
const picture = /** @type {HTMLImageElement} */ (element("picture"));
const texts = { title: element("headline"), text: element("text"), lost: element("lost"), left: element("left") };
const bar = element("bar");

/** When the code was shown, and when it changes; in the time of `performance`. */
let life = { from: 0, until: 0 };

/** When the last event came, and when the connection was lost; in the time of `performance`. */
let heard = performance.now();
let lostAt = Infinity;

document.documentElement.classList.add("js");
follow();
followNumber();
setInterval(countDown, 250);

/** Follows the session until its last view. */
function follow() {
  const source = new EventSource(`${body.dataset.token}/events`);
  source.addEventListener("open", hear);
  source.addEventListener("heartbeat", hear);
  source.addEventListener("view", (event) => {
    hear();
    const view = /** @type {View} */ (JSON.parse(event.data));
    show(view);
    if (ENDS.includes(view.state)) source.close();
  });
  source.addEventListener("error", () => {
    lose();
    if (source.readyState === EventSource.CLOSED) setTimeout(comeBack, AGAIN);
  });
}

function hear() {
  heard = performance.now();
  lostAt = Infinity;
  write(texts.lost, "");
}

/** The connection is lost. After an orderly stop the page says so already. */
function lose() {
  lostAt = Math.min(lostAt, performance.now());
  if (body.dataset.state !== "stopped") write(texts.lost, said.lost);
}

/** The server has refused the stream. If it refuses the page too, loads the page: it says why. */
async function comeBack() {
  const response = await fetch(location.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (response !== null && [403, 410].includes(response.status)) location.reload();
  else follow();
}

/** @param {View} view */
function show(view) {
  if (hasEnded(view.state)) expireCode();
  body.dataset.state = view.state;
  write(texts.title, view.title);
  write(texts.text, view.text);
  if (view.picture !== null && picture.src !== view.picture) picture.src = view.picture;
  const now = performance.now();
  const until = now + (view.secondsLeft ?? 0) * 1000;
  life = { from: Math.abs(until - life.until) < SAME ? life.from : now, until };
  countDown();
  if (ENDS.includes(view.state)) {
    document.title = view.title;
    heading.focus();
  }
}

/**
 * Whether a pairing code is no longer valid: its connection has ended.
 * @param {string} state the next one
 */
function hasEnded(state) {
  const was = body.dataset.state;
  return state === "trouble" || state === "stuck" || (was === "typed" && (state === "code" || state === "waiting"));
}

function countDown() {
  const now = performance.now();
  if (now - heard > SILENCE && !ENDS.includes(String(body.dataset.state))) lose();
  const isLost = now - lostAt >= FADE;
  if (isLost && body.dataset.state === "waiting") write(texts.text, "");
  const left = isLost ? 0 : Math.max(life.until - now, 0);
  const whole = life.until - life.from;
  write(texts.left, remaining(left, isLost));
  body.toggleAttribute("data-stale", left === 0);
  bar.style.transform = `scaleX(${whole > 0 ? left / whole : 0})`;
}

/**
 * @param {number} left milliseconds
 * @param {boolean} isLost
 */
function remaining(left, isLost) {
  if (isLost || (left === 0 && lostAt < Infinity)) return said.unsure;
  return left > 0 ? said.changes.replace("{seconds}", String(Math.ceil(left / 1000))) : said.soon;
}

/**
 * Sets the text. Does not set the same text again: a screen reader would read it out again.
 * @param {HTMLElement} where
 * @param {string} text
 */
function write(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

/** @param {string} id */
function element(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
