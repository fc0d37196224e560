// @ts-check
/** Proxies on loopback. They connect every name to one port, and list what they were asked for. */

import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** @import { Socket } from 'node:net' */
/** @import { TestContext } from 'node:test' */

/**
 * @typedef {object} Proxy
 * @property {string} url with the credentials that it wants
 * @property {string} address host:port
 * @property {string[]} asked what it was asked for, `host:port` as the client said it
 * @property {() => number} open connections
 * @property {() => void} cut ends every connection through it
 */

/** @typedef {{ to: number, credentials?: string, tls?: { key: string, cert: string } }} Options to: port on loopback; credentials: `user:password` */

/** An http or https proxy. @param {TestContext} t @param {Options} options @returns {Promise<Proxy>} */
export async function openHttpProxy(t, { to, credentials, tls }) {
  /** @type {string[]} */
  const asked = []
  const server = tls ? createHttpsServer(tls) : createHttpServer()
  server.on('connect', (request, socket) => {
    socket.on('error', () => {})
    const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`
    if (wanted && request.headers['proxy-authorization'] !== wanted) return socket.end('HTTP/1.1 407 No\r\n\r\n')
    asked.push(String(request.url))
    const far = connect(to, '127.0.0.1', () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      far.pipe(socket).pipe(far)
    })
    far.on('error', () => socket.destroy())
    socket.on('close', () => far.destroy())
  })
  return { ...(await listen(t, server, tls ? 'https' : 'http', credentials)), asked }
}

/** @param {TestContext} t @param {Options} options @returns {Promise<Proxy>} */
export async function openSocksProxy(t, { to, credentials }) {
  /** @type {string[]} */
  const asked = []
  const server = createServer(socket => {
    socket.on('error', () => {})
    void talk(socket, credentials, asked, to).catch(() => socket.destroy())
  })
  return { ...(await listen(t, server, 'socks5', credentials)), asked }
}

/** What is no proxy. @param {TestContext} t @param {(socket: Socket) => void} answer called with each connection */
export async function openLiar(t, answer, scheme = 'http') {
  const server = createServer(socket => {
    socket.on('error', () => {})
    answer(socket)
  })
  return listen(t, server, scheme)
}

/**
 * @param {TestContext} t
 * @param {import('node:net').Server} server
 * @param {string} scheme
 * @param {string} [credentials]
 */
async function listen(t, server, scheme, credentials) {
  /** @type {Set<Socket>} */
  const sockets = new Set()
  server.on('connection', socket => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const cut = () => sockets.forEach(socket => socket.destroy())
  t.after(() => {
    cut()
    server.close()
  })
  const address = `127.0.0.1:${/** @type {import('node:net').AddressInfo} */ (server.address()).port}`
  return {
    url: `${scheme}://${credentials ? `${credentials}@` : ''}${address}`,
    address,
    open: () => sockets.size,
    cut
  }
}

/**
 * SOCKS5 (RFC 1928), with a password where one is wanted (RFC 1929).
 * @param {Socket} socket
 * @param {string | undefined} credentials
 * @param {string[]} asked
 * @param {number} to
 */
async function talk(socket, credentials, asked, to) {
  const read = reader(socket)
  const [, count] = await read(2)
  const methods = [...(await read(count))]
  const method = credentials ? 2 : 0
  socket.write(Buffer.from([5, methods.includes(method) ? method : 0xff]))
  if (credentials) {
    const [, length] = await read(2)
    const user = await read(length)
    const password = await read((await read(1))[0])
    const isRight = `${user}:${password}` === credentials
    socket.write(Buffer.from([1, isRight ? 0 : 1]))
    if (!isRight) return
  }
  const [, , , kind] = await read(4)
  const host = kind === 3 ? String(await read((await read(1))[0])) : [...(await read(kind === 1 ? 4 : 16))].join('.')
  asked.push(`${host}:${(await read(2)).readUInt16BE()}`)
  const far = connect(to, '127.0.0.1', () => {
    socket.write(Buffer.from([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
    far.pipe(socket).pipe(far)
  })
  far.on('error', () => socket.destroy())
  socket.on('close', () => far.destroy())
}

/** @param {Socket} socket @returns {(bytes: number) => Promise<Buffer>} */
function reader(socket) {
  return async bytes => {
    for (;;) {
      const found = /** @type {Buffer | null} */ (socket.read(bytes))
      if (found) return found
      await once(socket, 'readable')
    }
  }
}

/** For this name, signed by itself. @param {TestContext} t @param {string} name */
export function certificate(t, name) {
  const folder = mkdtempSync(join(tmpdir(), 'motte-proxy-'))
  t.after(() => rmSync(folder, { recursive: true }))
  const [key, file] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  execFileSync(
    'openssl',
    [
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:prime256v1',
      '-nodes',
      '-days',
      '2',
      '-keyout',
      key,
      '-out',
      file,
      ...subject
    ],
    { stdio: 'ignore' }
  )
  return { key: readFileSync(key, 'utf8'), cert: readFileSync(file, 'utf8'), file }
}
