// @ts-check
/**
 * Loaded into a connector before its own code: after SIGUSR2, kills it right after the n-th message from then on has left for
 * WhatsApp. The number is in the file that DIES_AFTER_MESSAGES names. At that moment Baileys by itself has not saved the keys that
 * sealed the message.
 */

import crypto from 'node:crypto'
import { readFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { afterEachFrame } from './sent_frames.js'

/** How a stanza `message` begins (WABinary of Baileys): no flags, a short list, its length, the token of its tag. */
const [NO_FLAGS, SHORT_LIST, MESSAGE] = [0, 248, 19]

let left = Infinity
let isAboutToLeave = false

process.on('SIGUSR2', () => {
  left = Number(readFileSync(process.env.DIES_AFTER_MESSAGES ?? '', 'utf8'))
})

/** @param {any} stanza */
const isMessage = stanza => stanza[0] === NO_FLAGS && stanza[1] === SHORT_LIST && stanza[3] === MESSAGE

const { createCipheriv } = crypto
Object.assign(crypto, {
  /** @param {Parameters<typeof createCipheriv>} given */
  createCipheriv(...given) {
    const cipher = createCipheriv(...given)
    const update = /** @type {(...args: any[]) => any} */ (cipher.update)
    return Object.assign(cipher, {
      /** @param {any[]} args */
      update(...args) {
        isAboutToLeave ||= isMessage(args[0])
        return update.apply(cipher, args)
      }
    })
  }
})
syncBuiltinESMExports()

afterEachFrame(() => {
  if (!isAboutToLeave) return
  isAboutToLeave = false
  left -= 1
  if (left === 0) process.kill(process.pid, 'SIGKILL')
})
