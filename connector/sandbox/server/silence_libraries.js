// @ts-check
/**
 * Silences the console. Import it before Baileys or libsignal: libsignal prints session keys through `console.info`, and stdout carries
 * only the announcement.
 */

const METHODS = /** @type {const} */ (['debug', 'error', 'info', 'log', 'trace', 'warn'])
for (const method of METHODS) console[method] = () => {}
