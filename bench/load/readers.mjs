// Readers: each has a connection of its own, and all send the same GET at the same moment.
// node readers.mjs PORT KEY NUMBER   reads {"path": …} a line, and prints for each
// {"first": ms, "last": ms, "statuses": [different ones], "codes": number of different codes}
import { connect } from 'node:net'
import { createInterface } from 'node:readline'

const [port, key, number] = process.argv.slice(2)

/** One reader. Returns what asks for a path: it resolves with the response and when it was there. */
function reader() {
  let [socket, text, done] = [undefined, '', undefined]
  const open = () => {
    socket = connect({ port: Number(port), host: '127.0.0.1', noDelay: true })
    socket.setEncoding('utf8').on('error', () => {})
    socket.on('data', piece => {
      text += piece
      const head = text.indexOf('\r\n\r\n')
      const length = /content-length: (\d+)/i.exec(text)
      if (head >= 0 && length && Buffer.byteLength(text.slice(head + 4)) >= Number(length[1])) {
        done({ at: performance.now(), text })
      }
    })
  }
  return path =>
    new Promise(resolve => {
      ;[text, done] = ['', resolve]
      if (socket === undefined || socket.destroyed || socket.readableEnded) open()
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${key}\r\n\r\n`)
    })
}

const readers = Array.from({ length: Number(number) }, reader)
for await (const line of createInterface({ input: process.stdin })) {
  const begun = performance.now()
  const answers = await Promise.all(readers.map(ask => ask(JSON.parse(line).path)))
  const spans = answers.map(answer => answer.at - begun)
  const distinct = form => [...new Set(answers.map(({ text }) => form.exec(text)?.[1]))]
  const [statuses, codes] = [distinct(/^HTTP\/1.1 (\d+)/), distinct(/"qrCode":"([^"]+)"/)]
  const [first, last] = [Math.min(...spans), Math.max(...spans)]
  console.log(JSON.stringify({ first, last, statuses, codes: codes.length }))
}
