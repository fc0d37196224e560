// @ts-check
/** Keeps the scan page up to date: each new code, the scan, the end. Without it, the page loads itself again. */

/**
 * The part of the page that changes, as the server words it.
 * @typedef {object} View
 * @property {string} state
 * @property {string} title
 * @property {string} text
 * @property {string | null} picture
 * @property {number | null} secondsLeft until the code changes
 */

/** Milliseconds between two tries to reach the server, where the browser has given up. */
const AGAIN = 3000;

/** Milliseconds by which two readings of one moment may differ: a code whose secret is new expires when the old one did. */
const SAME = 1000;

/** After these, nothing follows. */
const ENDS = ["linked", "over"];

const { body } = document;
const heading = element("heading");
const picture = /** @type {HTMLImageElement} */ (element("picture"));
const texts = { title: element("headline"), text: element("text"), lost: element("lost"), left: element("left") };
const bar = element("bar");

/** When the code was shown, and when it changes; on the clock of `performance`. */
let life = { from: 0, until: 0 };

document.documentElement.classList.add("js");
follow();
setInterval(countDown, 250);

/** Follow the session until its end. */
function follow() {
  const source = new EventSource(String(body.dataset.events));
  source.addEventListener("open", () => write(texts.lost, ""));
  source.addEventListener("view", (event) => {
    const view = /** @type {View} */ (JSON.parse(event.data));
    show(view);
    if (ENDS.includes(view.state)) source.close();
  });
  source.addEventListener("error", () => {
    write(texts.lost, "The connection was lost. Trying again…");
    if (source.readyState === EventSource.CLOSED) setTimeout(comeBack, AGAIN);
  });
}

/** The server has refused the stream: where it refuses the page too, the page says why. */
async function comeBack() {
  const answer = await fetch(location.href, { method: "HEAD", cache: "no-store" }).catch(() => null);
  if (answer !== null && [403, 410].includes(answer.status)) location.reload();
  else follow();
}

/** @param {View} view */
function show(view) {
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

function countDown() {
  const left = Math.max(life.until - performance.now(), 0);
  const whole = life.until - life.from;
  write(texts.left, left > 0 ? `The code changes in ${Math.ceil(left / 1000)} s` : "A fresh code is on its way…");
  body.toggleAttribute("data-stale", left === 0);
  bar.style.transform = `scaleX(${whole > 0 ? left / whole : 0})`;
}

/**
 * A screen reader reads out what is written, the same words too.
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
