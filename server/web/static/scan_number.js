// @ts-check
/** Links with the phone number: requests a pairing code, shows it and copies it. */

const { body } = document;
/** Texts in the language of the page. @type {Record<string, string>} */
const said = JSON.parse(String(body.dataset.texts));
/** Why there is no code, by the code of the error. @type {Record<string, string>} */
const reasons = JSON.parse(String(body.dataset.errors));

const form = /** @type {HTMLFormElement} */ (element("number-form"));
const field = /** @type {HTMLInputElement} */ (element("number"));
const error = element("number-error");
const news = element("number-news");
const typed = element("typed");

/** When the code expires, in the time of `performance`. */
let until = 0;

/** Makes the form work. */
export function followNumber() {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void request();
  });
  element("copy").addEventListener("click", copy);
  element("other-number").addEventListener("click", ask);
  setInterval(countDown, 500);
}

/** The code that is shown is no longer valid. */
export function expireCode() {
  until = 0;
  countDown();
}

/** Requests a code for the number. */
async function request() {
  const button = /** @type {HTMLButtonElement} */ (form.querySelector("button"));
  if (button.getAttribute("aria-busy") === "true") return;
  button.setAttribute("aria-busy", "true");
  fail("");
  write(news, String(said.busy));
  try {
    // `00` stands for `+` in front of a country code; `(0)` after it is dialled only inside the country.
    const phoneNumber = field.value
      .replace(/([1-9].*?)\(0\)/, "$1")
      .replace(/[^0-9]/g, "")
      .replace(/^00/, "");
    const response = await fetch(`${body.dataset.token}/pairing-code`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ phoneNumber }),
    });
    if (response.ok) show(await response.json());
    else fail(await why(response));
  } catch {
    fail(String(reasons.unreachable));
  } finally {
    button.removeAttribute("aria-busy");
    write(news, "");
  }
}

/**
 * Returns the reason in the language of the page, and when to try again if that takes a minute or longer.
 * @param {Response} response
 */
async function why(response) {
  const { code } = await response.json().catch(() => ({ code: "internal-error" }));
  const text = reasons[code] ?? reasons["internal-error"];
  const seconds = Number(response.headers.get("Retry-After") ?? 0);
  const wait = seconds < 60 ? "" : String(said.wait).replace("{minutes}", String(Math.ceil(seconds / 60)));
  return `${text} ${wait}`.trim();
}

/** @param {{code: string, secondsLeft: number}} issued */
function show({ code, secondsLeft }) {
  until = performance.now() + secondsLeft * 1000;
  write(element("typed-code"), `${code.slice(0, 4)}-${code.slice(4)}`);
  form.hidden = true;
  typed.hidden = false;
  countDown();
  element("typed-title").focus();
}

/** Shows the form again. */
function ask() {
  typed.hidden = true;
  form.hidden = false;
  write(element("typed-code"), "");
  write(news, "");
  field.focus();
}

/** @param {string} text empty: there is no error */
function fail(text) {
  write(error, text);
  field.setAttribute("aria-invalid", String(text !== ""));
  if (text) field.focus();
}

function countDown() {
  if (typed.hidden) return;
  const seconds = Math.max(Math.ceil((until - performance.now()) / 1000), 0);
  const isOver = seconds === 0;
  const time = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  typed.toggleAttribute("data-expired", isOver);
  if (isOver && document.activeElement === element("copy")) element("other-number").focus();
  element("copy").hidden = isOver;
  write(element("typed-left"), isOver ? "" : String(said.valid).replace("{time}", time));
  if (isOver) write(news, String(said.expired));
}

/** Copies the code. Browsers allow it only over TLS or on localhost; else the code is selected. */
async function copy() {
  const code = element("typed-code");
  const copied = await navigator.clipboard?.writeText(String(code.textContent).replace("-", "")).then(
    () => true,
    () => false,
  );
  if (!copied) getSelection()?.selectAllChildren(code);
  write(news, String(copied ? said.copied : said.not_copied));
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
