// @ts-check
/**
 * Limits of what WhatsApp's side may send. Import it before Baileys, which offers no setting for them.
 *
 * A stanza may be compressed, and so may a WebSocket message. A mebibyte of either can hold gigabytes.
 */

import { syncBuiltinESMExports } from 'node:module'
import zlib from 'node:zlib'
import WebSocket from 'ws'

/**
 * Bytes of an inflated stanza. It is the most that a frame can hold, whose length has three bytes: what Baileys would take
 * uncompressed is taken compressed too.
 */
export const MAX_STANZA_BYTES = 2 ** 24

/** Bytes of a WebSocket message after its own compression: a frame, and small ones that share the message. */
export const MAX_MESSAGE_BYTES = MAX_STANZA_BYTES + 2 ** 20

/**
 * Fragments of a WebSocket message, each of which costs far more memory than it has bytes. It is the default of `ws`; older
 * releases had no limit (CVE-2026-48779).
 */
export const MAX_FRAGMENTS = 2 ** 14

limitInflate()
limitMessages()

/** Makes `inflate` of `node:zlib` fail with ERR_BUFFER_TOO_LARGE beyond the limit, for each module that imports it from now on. */
function limitInflate() {
  const { inflate } = zlib
  /** @param {zlib.InputType} input @param {any[]} rest options, if there are any, and the callback */
  const limited = (input, ...rest) => {
    const callback = rest.pop()
    return inflate(input, { maxOutputLength: MAX_STANZA_BYTES, ...rest[0] }, callback)
  }
  zlib.inflate = /** @type {typeof zlib.inflate} */ (limited)
  syncBuiltinESMExports()
}

/** Has each WebSocket fail with the close code 1009 beyond the limits. The default of `ws` is 100 MiB a message. */
function limitMessages() {
  const limits = { maxPayload: MAX_MESSAGE_BYTES, maxFragments: MAX_FRAGMENTS }
  const prototype = /** @type {any} */ (WebSocket.prototype)
  const { setSocket } = prototype
  /** @this {any} */
  prototype.setSocket = function (/** @type {any} */ socket, /** @type {any} */ head, /** @type {any} */ options) {
    const deflate = this._extensions['permessage-deflate']
    if (deflate) deflate._maxPayload = MAX_MESSAGE_BYTES
    return setSocket.call(this, socket, head, { ...options, ...limits })
  }
}
