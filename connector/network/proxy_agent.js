// @ts-check
/**
 * The way to WhatsApp through a proxy: http and https by CONNECT, socks5. The proxy looks names up, so that no query about
 * WhatsApp leaves this host.
 */

import { STATUS_CODES } from 'node:http'
import { isIP } from 'node:net'
import { createRequire } from 'node:module'
import { ending } from '../session/error_reasons.js'

/** Loaded by the first proxy alone: most sessions have none. */
const load = createRequire(import.meta.url)

/** @typedef {import('../session/error_reasons.js').Ending} Ending */
/** @typedef {import('agent-base').Agent} Agent */

/** What a proxy did instead of its work. The message names no credentials. */
class ProxyFailed extends Error {}

/**
 * @typedef {object} Tunnel
 * @property {Agent} agent for one request or one WebSocket
 * @property {(how: Ending) => Ending} blame the same ending, with the proxy in it if the proxy is the cause or lies on the way
 */

/**
 * The way of a link. Null: it goes directly.
 * @param {string | undefined} url of the endpoint; undefined: WhatsApp's own
 * @param {string | null} proxy URL; null: no proxy
 * @param {number} within milliseconds until the proxy has reached the endpoint
 */
export function openTunnelTo(url, proxy, within) {
  return proxy === null || (url && isLoopback(new URL(url).hostname)) ? null : openTunnel(proxy, within)
}

/**
 * @param {string} proxy URL
 * @param {number} within milliseconds until the proxy has reached the target
 * @returns {Tunnel}
 */
export function openTunnel(proxy, within) {
  const stop = new AbortController()
  const agent = createAgent(proxy, stop.signal)
  const shown = withoutCredentials(proxy)
  const state = { isUp: false, failure: 'no answer' }
  const dial = agent.connect.bind(agent)
  let refusal = ''
  agent.on('proxyConnect', ({ statusCode }) => (refusal = refusalOf(statusCode)))
  agent.connect = async (request, options) => {
    try {
      const socket = await before(within, Promise.resolve(dial(request, options)), stop)
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

/** Whether a target is this machine: it is never reached through a proxy. @param {string} host as in a URL */
export function isLoopback(host) {
  const name = host.toLowerCase().replace(/^\[|\]$|\.$/g, '')
  if (isIP(name)) return /^127\./.test(name) || name === '::1' || /^::ffff:(7f|127\.)/.test(name)
  return name === 'localhost' || name.endsWith('.localhost')
}

/** @param {string} proxy @param {AbortSignal} signal ends a connection to the proxy that is under way @returns {Agent} */
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
 * @param {number} within milliseconds
 * @param {Promise<T>} work
 * @param {AbortController} stop
 * @returns {Promise<T>}
 */
function before(within, work, stop) {
  const { promise: late, reject } = Promise.withResolvers()
  const timer = setTimeout(() => {
    reject(new ProxyFailed(`no answer within ${within / 1000} s`))
    stop.abort()
  }, within)
  return Promise.race([work, /** @type {Promise<never>} */ (late)]).finally(() => clearTimeout(timer))
}

/** What a status other than 200 says; its words may be anything, so that only the number is taken. @param {number} status */
function refusalOf(status) {
  if (status === 200) return ''
  if (status === 401 || status === 407) return `${NOT_LET_IN} (${status})`
  const words = STATUS_CODES[status]
  return words ? `it answered ${status} ${words}` : 'its answer is not HTTP'
}

/** What the codes of Node's errors mean here. @type {Record<string, string>} */
const MEANINGS = {
  ECONNREFUSED: 'it refuses the connection',
  ECONNRESET: 'it cut the connection',
  ENOTFOUND: 'there is no host of this name',
  EAI_AGAIN: 'its name cannot be looked up',
  EPROTO: 'it does not speak TLS'
}

const NOT_LET_IN = 'it does not take the user and the password'

/** What the libraries say. @type {[RegExp, string][]} */
const WORDS = [
  [/authentication failed|no accepted authentication/i, NOT_LET_IN],
  [/socket closed|ended before/i, 'it closed the connection']
]

/** In words, without anything that the proxy itself has said. @param {any} error */
function causeOf(error) {
  if (error instanceof ProxyFailed) return error.message
  const message = String(error?.message ?? '')
  const code = error?.code ?? /\bE[A-Z]{4,}\b/.exec(message)?.[0]
  if (/^[A-Z0-9_]{1,60}$/.test(code)) return MEANINGS[code] ?? `its connection failed (${code})`
  const rejected = /rejected connection - (\w{1,40})$/.exec(message)
  if (rejected) return `it cannot reach WhatsApp (${rejected[1]})`
  return WORDS.find(([pattern]) => pattern.test(message))?.[1] ?? 'its answer cannot be understood'
}

/** @param {string} proxy */
function withoutCredentials(proxy) {
  const { protocol, hostname, port } = new URL(proxy)
  return `${protocol}//${hostname}:${port || (protocol === 'https:' ? 443 : 80)}`
}
