// @ts-check
/** A session over fakes of a socket, a database and a front, for tests of its decisions. */

import '../../../connector/process/silence_libraries.js'
import { createLog } from '../../../connector/process/logger.js'
import { Session } from '../../../connector/session/session.js'
import { LINK } from './harness.js'

/** @typedef {import('../../../connector/session/link_options.js').LinkOptions} LinkOptions */

export const ANN = '15551234567'
export const QR = { ordinal: 1, payload: 'https://wa.me/#2@ref', issuedAt: 10, lifetime: 60 }

/** A session over fakes of a socket, a database and a front. @param {{paired?: boolean, openedBefore?: boolean, isMet?: boolean, spooled?: string[], linked?: string}} [past] */
export function startSession({
  paired = false,
  openedBefore = false,
  isMet = true,
  spooled = /** @type {string[]} */ ([]),
  linked = 'whatsapp'
} = {}) {
  /** @type {any[]} what was sent, written and done, in order */
  const done = []
  /** @type {import('../../../connector/session/socket.js').SocketListener[]} */
  const listeners = []
  /** @type {any[]} */
  const reasons = []
  /** @type {string[]} lines of the log */
  const logged = []
  /** @type {LinkOptions[]} */
  const opened = []
  const account = { isPaired: paired }
  const idle = { seconds: 0 }
  const spool = { isEmpty: true }
  const whatsapp = { confirms: true }
  const server = { linked }
  const socket = {
    close: () => void done.push('socket closed'),
    logout: async () => {
      done.push('told WhatsApp')
      return whatsapp.confirms
    },
    idleFor: () => idle.seconds,
    requestPairingCode: async () => ({ code: 'ABCD1234', issuedAt: 1, lifetime: 100 })
  }
  const parts = {
    database: {
      facts: { get: () => Number(openedBefore), set: () => {} },
      transaction: (/** @type {() => void} */ work) => work()
    },
    credentials: {
      isPaired: () => account.isPaired,
      save: () => void done.push('saved'),
      wipe: () => void done.push('wiped'),
      account: () => ({ phoneNumber: account.isPaired ? ANN : null, pushName: null })
    },
    server: { current: 'whatsapp', linked: () => server.linked, remember: () => void (server.linked = 'whatsapp') },
    spool: { after: () => spooled.map((event, index) => ({ seq: index + 1, event: { event } })) },
    outbound: { isIdle: () => true, wipe: () => {}, take: () => {} },
    front: {
      /** @param {{event: string}} event */
      send: ({ event }) => void done.push(event),
      /** @param {{event: string, reason?: any}} event */
      spool: ({ event, reason }) => {
        done.push(event, ...(event === 'logged_out' ? [reason.code] : []))
        reasons.push(reason)
      },
      deliver: () => {},
      hasAcknowledgedAll: () => spool.isEmpty
    },
    log: createLog({}, line => void logged.push(line)),
    exit: (/** @type {number} */ code) => void done.push(code),
    openSocket: (
      /** @type {LinkOptions} */ options,
      /** @type {import('../../../connector/session/socket.js').SocketListener} */ listener
    ) => {
      opened.push(options)
      listeners.push(listener)
      return socket
    }
  }
  const session = new Session(/** @type {any} */ (parts))
  session.start()
  if (isMet) session.receiveHello({ front: 'front-1', have: 0, account: paired ? ANN : null, link: LINK })
  return { session, done, reasons, logged, account, whatsapp, idle, spool, listeners, listener: listeners[0], opened }
}
