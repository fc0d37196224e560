// @ts-check
/** The sandbox: one HTTP server with WhatsApp's WebSocket and the control port. */

import './binary_tokens.js'
import { createHash } from 'node:crypto'
import { createServer, STATUS_CODES } from 'node:http'
import { WebSocketServer } from 'ws'
import { control } from './control.js'
import { isClient } from './foreign_pages.js'
import { SERVICE_WORKER_PATH, serveWorker } from './versions.js'
import { WhatsApp } from './whatsapp.js'

/** @import { IncomingMessage } from 'node:http' */
/** @import { AddressInfo } from 'node:net' */
/** @import { Duplex } from 'node:stream' */

const WEBSOCKET_PATH = '/ws/chat'
/** A WebSocket server appends it to the client's key (RFC 6455, section 1.3). */
const WEBSOCKET_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'
const BACKLOG = 4096

/**
 * @typedef {object} Sandbox
 * @property {{ url: string, rootKey: string, controlUrl: string }} announcement
 * @property {() => Promise<void>} close
 */

/**
 * @param {{ host?: string, port?: number, stateFile?: string | null, rootSeed?: string, qrLifetime?: number }} options
 * @returns {Promise<Sandbox>}
 */
export async function startSandbox({ host = '127.0.0.1', port = 0, stateFile = null, rootSeed, qrLifetime } = {}) {
  const whatsapp = new WhatsApp({ stateFile, rootSeed, qrLifetime })
  const upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false })
  const server = createServer((request, response) => {
    if (request.url === SERVICE_WORKER_PATH) serveWorker(response, whatsapp.clientRevision)
    else void control(whatsapp, request, response)
  })
  server.keepAliveTimeout = 0 // a time-out would end connections at the moment of the next request
  const sockets = track(server)
  server.on('upgrade', (...upgraded) => upgrade(whatsapp, upgrades, ...upgraded))
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, backlog: BACKLOG }, () => resolve(null))
  })
  return {
    announcement: announcement(/** @type {AddressInfo} */ (server.address()), whatsapp.trust.rootKey),
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        sockets.forEach(socket => socket.destroy())
      })
  }
}

/**
 * Returns the set of open sockets. It includes upgraded ones.
 * @param {import('node:http').Server} server
 */
function track(server) {
  /** @type {Set<Duplex>} */
  const sockets = new Set()
  server.on('connection', socket => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
  })
  return sockets
}

/**
 * @param {AddressInfo} address
 * @param {string} rootKey
 */
function announcement({ address, family, port }, rootKey) {
  const host = `${family === 'IPv6' ? `[${address}]` : address}:${port}`
  return { url: `ws://${host}${WEBSOCKET_PATH}`, rootKey, controlUrl: `http://${host}/control` }
}

/**
 * @param {WhatsApp} whatsapp
 * @param {WebSocketServer} upgrades
 * @param {IncomingMessage} request
 * @param {Duplex} socket
 * @param {Buffer} rest
 */
function upgrade(whatsapp, upgrades, request, socket, rest) {
  socket.on('error', () => socket.destroy())
  if (!isClient(request.headers)) return void socket.end(refusal(403))
  const fault = whatsapp.faults.forConnection()
  if (fault('refuse')) return socket.destroy()
  if (fault('hangUpgrade')) return socket.resume()
  const status = fault('upgradeStatus') ?? (request.url?.split('?')[0] === WEBSOCKET_PATH ? undefined : 404)
  if (status) return void socket.end(refusal(Number(status)))
  if (fault('halfDead')) return pretend(request, socket)
  upgrades.handleUpgrade(request, socket, rest, websocket => whatsapp.accept(websocket, fault))
}

/**
 * Accepts the upgrade, and sends nothing after that.
 * @param {IncomingMessage} request
 * @param {Duplex} socket
 */
function pretend(request, socket) {
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}${WEBSOCKET_GUID}`).digest('base64')
  const headers = ['Upgrade: websocket', 'Connection: Upgrade', `Sec-WebSocket-Accept: ${accept}`]
  socket.write(head('101 Switching Protocols', headers))
  socket.resume()
}

/** @param {number} status */
function refusal(status) {
  return head(`${status} ${STATUS_CODES[status] ?? 'Sandbox'}`, ['Connection: close', 'Content-Length: 0'])
}

/**
 * @param {string} status
 * @param {string[]} headers
 */
function head(status, headers) {
  return [`HTTP/1.1 ${status}`, ...headers, '', ''].join('\r\n')
}
