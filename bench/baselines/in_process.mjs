// A gateway with all sessions in one process: node in_process.mjs URL ROOT_KEY FOLDER
// POST /sessions/ID: 201 with the first QR. GET /sessions/ID. DELETE /sessions/ID. Sessions of the folder are opened at the start.
import { mkdirSync, readdirSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { join } from 'node:path'
import * as baileys from '../../connector/node_modules/baileys/lib/index.js'

const { makeWASocket, useMultiFileAuthState, WA_CERT_DETAILS } = baileys
const [url, rootKey, folder] = process.argv.slice(2)
WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey, 'hex')
for (const name of ['info', 'warn', 'error']) console[name] = () => {} // libsignal prints sessions
const logger = { level: 'silent', child: () => logger, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
const sessions = new Map()

async function open(id) {
  const { promise: firstQr, resolve } = Promise.withResolvers()
  const session = { id, status: 'connecting', qrCode: null, firstQr, end() {} }
  sessions.set(id, session)
  const { state, saveCreds } = await useMultiFileAuthState(join(folder, id))
  connect(session, state, saveCreds, resolve)
  return session
}

function connect(session, auth, saveCreds, onQr) {
  const socket = makeWASocket({ waWebSocketUrl: url, auth, logger, shouldSyncHistoryMessage: () => false })
  session.end = () => socket.end(undefined)
  socket.ev.on('creds.update', saveCreds)
  socket.ev.on('connection.update', ({ qr, connection }) => {
    if (qr) {
      session.qrCode = qr
      onQr()
    }
    if (connection === 'open') [session.status, session.qrCode] = ['connected', null]
    if (connection === 'close' && sessions.get(session.id) === session) connect(session, auth, saveCreds, onQr)
  })
}

async function answer({ method, url: path }) {
  const id = path.split('/')[2]
  if (method === 'POST') {
    const session = await open(id)
    await session.firstQr
    return [201, session]
  }
  const session = sessions.get(id)
  if (method !== 'DELETE') return session ? [200, session] : [404, {}]
  sessions.delete(id)
  session?.end()
  rmSync(join(folder, id), { recursive: true, force: true })
  return [200, {}]
}

const server = createServer(async (request, response) => {
  const [status, { id, status: state, qrCode }] = await answer(request)
  response.writeHead(status, { 'Content-Type': 'application/json' })
  response.end(JSON.stringify({ id, status: state, qrCode }))
})
mkdirSync(folder, { recursive: true })
for (const id of readdirSync(folder)) void open(id)
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: server.address().port })))
