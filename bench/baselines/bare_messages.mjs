// Bare Baileys: sends texts, one in flight in each chat, and receives texts.
// node bare_messages.mjs URL ROOT_KEY [FILE]   keys in memory, or in SQLite with a transaction for each change
import { DatabaseSync } from 'node:sqlite'
import { createInterface } from 'node:readline'
import * as baileys from '../../connector/node_modules/baileys/lib/index.js'

const { BufferJSON, generateMessageIDV2, initAuthCreds, makeWASocket, WA_CERT_DETAILS } = baileys
const [url, rootKey, file] = process.argv.slice(2)
WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey, 'hex')
const logger = { level: 'silent', child: () => logger, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
const say = answer => process.stdout.write(`${JSON.stringify(answer)}\n`)
for (const name of ['info', 'warn', 'error']) console[name] = () => {} // libsignal prints sessions

function inMemory() {
  const values = new Map()
  return { read: name => values.get(name), write: changes => changes.forEach(change => values.set(...change)) }
}

function inSqlite() {
  const database = new DatabaseSync(file)
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE keys (name PRIMARY KEY, value)')
  const select = database.prepare('SELECT value FROM keys WHERE name = ?')
  const insert = database.prepare('INSERT OR REPLACE INTO keys VALUES (?, ?)')
  return {
    read: name => JSON.parse(select.get(name)?.value ?? 'null', BufferJSON.reviver),
    write(changes) {
      database.exec('BEGIN')
      for (const [name, value] of changes) insert.run(name, JSON.stringify(value ?? null, BufferJSON.replacer))
      database.exec('COMMIT')
    }
  }
}

const { read, write } = file ? inSqlite() : inMemory()
const named = ([kind, values]) => Object.entries(values).map(([id, value]) => [`${kind} ${id}`, value])
const keys = {
  get: (kind, ids) => Object.fromEntries(ids.map(id => [id, read(`${kind} ${id}`) ?? undefined])),
  set: changes => write(Object.entries(changes).flatMap(named))
}
const creds = initAuthCreds()
const acks = new Map()
let [socket, isPaused, expected, received, begun] = [null, false, 0, 0, 0]

function connect() {
  socket = makeWASocket({ waWebSocketUrl: url, auth: { creds, keys }, logger, shouldSyncHistoryMessage: () => false })
  socket.ev.on('creds.update', update => Object.assign(creds, update))
  socket.ws.on('CB:ack,class:message', ({ attrs }) => acks.get(attrs.id)?.())
  socket.ws.on('CB:message', () => (begun ||= performance.now()))
  socket.ev.on('messages.upsert', ({ messages }) => {
    received += messages.filter(({ key, message }) => message && !key.fromMe).length
    if (received === expected) say({ received: (performance.now() - begun) / 1000 })
  })
  socket.ev.on('connection.update', ({ qr, connection }) => {
    if (qr) say({ qr })
    if (connection === 'open') say({ open: true })
    if (connection === 'close') isPaused ? say({ paused: true }) : connect()
  })
}

async function send(chat, texts) {
  for (let number = 0; number < texts; number += 1) {
    const messageId = generateMessageIDV2()
    const taken = new Promise(resolve => acks.set(messageId, resolve))
    await socket.sendMessage(chat, { text: `text ${number}` }, { messageId })
    await taken
  }
}

createInterface({ input: process.stdin }).on('line', async line => {
  const { pause, receive, chats, each } = JSON.parse(line)
  isPaused = pause === true
  if (pause) return socket.end(undefined)
  if (receive) [expected, received, begun] = [receive, 0, 0]
  if (receive) return connect()
  const [from, cpu] = [performance.now(), process.cpuUsage()]
  await Promise.all(chats.map(chat => send(chat, each)))
  const { user, system } = process.cpuUsage(cpu)
  say({ sent: { seconds: (performance.now() - from) / 1000, cpu: (user + system) / 1e6 } })
})
connect()
