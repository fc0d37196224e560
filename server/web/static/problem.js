// @ts-check
/** What went wrong, in the words of the server. */

/**
 * A rule that the request breaks.
 * @typedef {object} Breach
 * @property {string} pointer where: `/id`
 * @property {string} detail the end of a sentence that begins with the place
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

  /** Whether Motte itself has said so, and will again. Where it is a proxy that refuses, Motte may come back behind it. */
  get isFinal() {
    return this.code !== "" && !this.retryable;
  }
}

/** Nobody answered. */
export function unreachable() {
  return new Problem({
    title: "Motte cannot be reached",
    detail: "It may be restarting, or the network is down.",
    code: "unreachable",
    retryable: true,
  });
}

/**
 * What an answer says that is no success. A proxy on the way has no problem document.
 * @param {Response} answer
 */
export async function problemOf(answer) {
  const said = await answer.json().catch(() => null);
  if (said?.title) return new Problem(said);
  const title = `The server answered with ${answer.status}`;
  return new Problem({ title, detail: "", code: "", retryable: answer.status >= 500 });
}
