// Bare Baileys: prints its first QR, and stays. node bare_qr.mjs URL ROOT_KEY
import { initAuthCreds, makeWASocket, WA_CERT_DETAILS } from '../../connector/node_modules/baileys/lib/index.js'

const [url, rootKey] = process.argv.slice(2)
WA_CERT_DETAILS.PUBLIC_KEY = Buffer.from(rootKey, 'hex')
for (const name of ['info', 'warn', 'error']) console[name] = () => {} // libsignal prints sessions
const logger = { level: 'silent', child: () => logger, trace() {}, debug() {}, info() {}, warn() {}, error() {} }
const keys = { get: () => ({}), set() {} }
const socket = makeWASocket({ waWebSocketUrl: url, auth: { creds: initAuthCreds(), keys }, logger })
socket.ev.on('connection.update', ({ qr }) => qr && console.log(JSON.stringify({ qr })))
