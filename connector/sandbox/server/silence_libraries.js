// @ts-check
/**
 * A silent console. Import it before Baileys or libsignal: libsignal prints session keys through `console.info`, and
 * stdout carries the announcement alone.
 */

const METHODS = /** @type {const} */ (['debug', 'error', 'info', 'log', 'trace', 'warn'])
for (const method of METHODS) console[method] = () => {}
