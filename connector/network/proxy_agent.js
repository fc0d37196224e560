// @ts-check
/**
 * Connections through a proxy: http and https by CONNECT, and socks5. The proxy looks names up, so that no query about WhatsApp
 * leaves this host.
 */

import { isIP } from 'node:net'
import { createRequire } from 'node:module'
import { ending } from '../session/baileys_errors.js'
import { codeIn, textOfCode, textOfStatus } from './error_texts.js'

/** Loads a library at the first use: most sessions have no proxy. */
const load = createRequire(import.meta.url)

/** @typedef {import('../session/baileys_errors.js').Ending} Ending */
/** @typedef {import('agent-base').Agent} Agent */

/** The proxy did not connect. The message names no credentials. */
class ProxyFailed extends Error {}

/**
 * @typedef {object} Tunnel
 * @property {Agent} agent for one request or one WebSocket
 * @property {(how: Ending) => Ending} blame the same ending; it names the proxy if the proxy is the cause or on the way
 */

/**
 * The tunnel of a connection to WhatsApp; null: no tunnel.
 * @param {string | undefined} url of the endpoint; undefined: WhatsApp's own
 * @param {string | null} proxy URL; null: no proxy
 * @param {number} timeoutMs until the proxy must have reached the endpoint
 */
export function openTunnelTo(url, proxy, timeoutMs) {
  return proxy === null || (url && isLoopback(new URL(url).hostname)) ? null : openTunnel(proxy, timeoutMs)
}

/**
 * @param {string} proxy URL
 * @param {number} timeoutMs until the proxy must have reached the target
 * @returns {Tunnel}
 */
export function openTunnel(proxy, timeoutMs) {
  const stop = new AbortController()
  const agent = createAgent(proxy, stop.signal)
  const shown = withoutCredentials(proxy)
  const state = { isUp: false, failure: 'no answer' }
  const dial = agent.connect.bind(agent)
  let refusal = ''
  agent.on('proxyConnect', ({ statusCode }) => (refusal = refusalOf(statusCode)))
  agent.connect = async (request, options) => {
    try {
      const socket = await before(timeoutMs, Promise.resolve(dial(request, options)), stop)
      if (refusal) throw new ProxyFailed(refusal)
      state.isUp = true
      return socket
    } catch (error) {
      state.failure = causeOf(error)
      throw new ProxyFailed(`${shown}: ${state.failure}`)
    }
  }
  return {
    agent,
    blame(how) {
      if (how.code !== 'whatsapp-unreachable') return how
      if (!state.isUp) return ending('proxy-failed', `${shown}: ${state.failure}`)
      return { ...how, detail: `${how.detail} (through the proxy ${shown})` }
    }
  }
}

/** Whether a target is this machine. Connections to it use no proxy. @param {string} host as in a URL */
export function isLoopback(host) {
  const name = host.toLowerCase().replace(/^\[|\]$|\.$/g, '')
  if (isIP(name)) return /^127\./.test(name) || name === '::1' || /^::ffff:(7f|127\.)/.test(name)
  return name === 'localhost' || name.endsWith('.localhost')
}

/** @param {string} proxy @param {AbortSignal} signal ends a connection to the proxy in progress @returns {Agent} */
function createAgent(proxy, signal) {
  if (proxy.startsWith('socks5:')) {
    const { SocksProxyAgent } = load('socks-proxy-agent')
    const agent = new SocksProxyAgent(proxy.replace('socks5:', 'socks5h:')) // "h": it looks names up
    agent.proxy.host = agent.proxy.host.replace(/^\[|\]$/g, '')
    return agent
  }
  const { HttpsProxyAgent } = load('https-proxy-agent')
  return new HttpsProxyAgent(proxy, { signal })
}

/**
 * @template T
 * @param {number} timeoutMs
 * @param {Promise<T>} work
 * @param {AbortController} stop
 * @returns {Promise<T>}
 */
function before(timeoutMs, work, stop) {
  const { promise: late, reject } = Promise.withResolvers()
  const timer = setTimeout(() => {
    reject(new ProxyFailed(`no answer within ${timeoutMs / 1000} s`))
    stop.abort()
  }, timeoutMs)
  return Promise.race([work, /** @type {Promise<never>} */ (late)]).finally(() => clearTimeout(timer))
}

/** The refusal behind a status. Only the number counts: the proxy may send any text with it. @param {number} status */
function refusalOf(status) {
  if (status === 200) return ''
  if (status === 401 || status === 407) return `${CREDENTIALS_REFUSED} (${status})`
  return textOfStatus(status)
}

const CREDENTIALS_REFUSED = 'it does not take the user and the password'

/** Meanings of the libraries' messages. @type {[RegExp, string][]} */
const LIBRARY_TEXTS = [
  [/authentication failed|no accepted authentication/i, CREDENTIALS_REFUSED],
  [/socket closed|ended before/i, 'it closed the connection']
]

/** The cause as a text that quotes nothing of the proxy. @param {any} error */
function causeOf(error) {
  if (error instanceof ProxyFailed) return error.message
  const message = String(error?.message ?? '')
  const code = error?.code ?? codeIn(message)
  if (/^[A-Z0-9_]{1,60}$/.test(code)) return textOfCode(code)
  const rejected = /rejected connection - (\w{1,40})$/.exec(message)
  if (rejected) return `it cannot reach WhatsApp (${rejected[1]})`
  return LIBRARY_TEXTS.find(([pattern]) => pattern.test(message))?.[1] ?? 'its answer cannot be understood'
}

/** @param {string} proxy */
function withoutCredentials(proxy) {
  const { protocol, hostname, port } = new URL(proxy)
  return `${protocol}//${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
}
