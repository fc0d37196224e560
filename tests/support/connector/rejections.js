// @ts-check
/** Loaded before a connector: after a signal, promises fail without a handler. */

/** @param {unknown} error */
const reject = error => void Promise.reject(error)

process.on('SIGUSR2', () => {
  reject(1006)
  reject(Object.assign(new Error('rate-overlimit'), { isBoom: true, output: { statusCode: 500 }, data: 429 }))
})
process.on('SIGHUP', () => reject(new TypeError('a bug')))
