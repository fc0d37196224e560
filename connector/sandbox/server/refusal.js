// @ts-check
/** Refusal of a control request: `{"error": code, "detail": message}` with an HTTP status. */

export class Refusal extends Error {
  /**
   * @param {number} status
   * @param {string} code
   * @param {string} detail
   */
  constructor(status, code, detail) {
    super(detail)
    this.status = status
    this.code = code
  }
}

/**
 * @param {string} code
 * @param {string} detail
 */
export const conflict = (code, detail) => new Refusal(409, code, detail)

/** @param {string} detail */
export const invalid = detail => new Refusal(400, 'invalid-request', detail)
