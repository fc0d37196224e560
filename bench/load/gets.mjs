// Load: the same GET over some connections, one after the other on each, for some seconds.
// node gets.mjs PORT PATH KEY CONNECTIONS SECONDS   prints {"rate": requests/s, "p50": ms, "p99": ms, "worst": ms}
import { connect } from 'node:net'

const [port, path, key, connections, seconds] = process.argv.slice(2)
const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAuthorization: Bearer ${key}\r\n\r\n`
const spans = []
const until = performance.now() + Number(seconds) * 1000

/** Whether a whole answer is there, and nothing behind it. */
function isWhole(text) {
  const head = text.indexOf('\r\n\r\n')
  if (head < 0) return false
  const length = /content-length: (\d+)/i.exec(text.slice(0, head))
  return Buffer.byteLength(text.slice(head + 4)) >= Number(length[1])
}

function ask() {
  const { promise, resolve, reject } = Promise.withResolvers()
  const socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true })
  let [begun, text] = [0, '']
  const next = () => {
    if (performance.now() > until) {
      socket.end()
      return resolve()
    }
    ;[begun, text] = [performance.now(), '']
    socket.write(request)
  }
  socket.setEncoding('utf8').on('connect', next).on('error', reject)
  socket.on('data', piece => {
    text += piece
    if (!isWhole(text)) return
    if (!text.startsWith('HTTP/1.1 200')) return reject(new Error(text))
    spans.push(performance.now() - begun)
    next()
  })
  return promise
}

const begun = performance.now()
await Promise.all(Array.from({ length: Number(connections) }, ask))
const rate = spans.length / ((performance.now() - begun) / 1000)
spans.sort((one, other) => one - other)
const at = part => spans[Math.min(spans.length - 1, Math.floor(spans.length * part))]
console.log(JSON.stringify({ rate, p50: at(0.5), p99: at(0.99), worst: at(1) }))
