// @ts-check
/** Errors, in the words of the server. */

/**
 * A rule that the request breaks.
 * @typedef {object} Breach
 * @property {string} pointer the field: `/id`
 * @property {string} detail the end of a sentence that begins with the field
 */

/** Codes of errors that end when Motte works again. An error of a proxy has no code. */
const PASSING = ["", "unreachable", "shutting-down", "store-unavailable", "supervisor-unavailable", "overloaded"];

export class Problem extends Error {
  /** @param {{title: string, detail: string, code: string, retryable: boolean, errors?: Breach[]}} said */
  constructor({ title, detail, code, retryable, errors = [] }) {
    super(title);
    this.title = title;
    this.detail = rest(title, detail);
    /** A detail in lower case is a sentence of its own, more exact than the title. Empty: the title and the detail belong together. */
    this.sentence = /^\p{Ll}/u.test(detail) ? detail[0].toUpperCase() + detail.slice(1) : "";
    this.code = code;
    this.retryable = retryable;
    this.errors = errors;
  }

  /** Whether it says that Motte, and not the request, is out of order: it is no longer true once Motte works again. */
  get passes() {
    return PASSING.includes(this.code);
  }

  /** Whether the same request fails again. An error of a proxy is not final: Motte may come back behind it. */
  get isFinal() {
    return this.code !== "" && !this.retryable;
  }
}

/**
 * Returns what the detail says in addition to the title: nobody reads one sentence twice.
 * @param {string} title
 * @param {string} detail
 */
function rest(title, detail) {
  const isRepeated = detail.toLowerCase().startsWith(title.toLowerCase());
  return isRepeated ? detail.slice(title.length).replace(/^[:;,.]? */, "") : detail;
}

/** The error if there was no response. */
export function unreachable() {
  return new Problem({
    title: "Motte cannot be reached",
    detail: "Motte may be restarting, or the network is down.",
    code: "unreachable",
    retryable: true,
  });
}

/**
 * Returns the error of a response. A response of a proxy has no problem document.
 * @param {Response} response
 */
export async function problemOf(response) {
  const said = await response.json().catch(() => null);
  if (said?.title) return new Problem(said);
  const title = `The server responded with ${response.status}`;
  return new Problem({ title, detail: "", code: "", retryable: response.status >= 500 });
}
