// @ts-check
/** Errors, in the words of the server. */

/**
 * A rule that the request breaks.
 * @typedef {object} Breach
 * @property {string} pointer the field: `/id`
 * @property {string} detail the end of a sentence that begins with the field
 */

export class Problem extends Error {
  /** @param {{title: string, detail: string, code: string, retryable: boolean, errors?: Breach[]}} said */
  constructor({ title, detail, code, retryable, errors = [] }) {
    super(title);
    this.title = title;
    this.detail = detail.startsWith(title) ? detail.slice(title.length).replace(/^: /, "") : detail;
    this.code = code;
    this.retryable = retryable;
    this.errors = errors;
  }

  /** Whether the same request fails again. An error of a proxy is not final: Motte may come back behind it. */
  get isFinal() {
    return this.code !== "" && !this.retryable;
  }
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
