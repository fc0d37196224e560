// @ts-check
/**
 * A logger that logs nothing. The bundle has it in place of the package pino, of which Baileys 7.0.0-rc14 makes its only logger.
 *
 * Motte silences that logger anyway (connector/process/silence_libraries.js). The package would load 30 modules, and code for threads.
 */

const nothing = () => {}

const logger = {
  level: 'silent',
  child: () => logger,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing
}

export default () => logger
