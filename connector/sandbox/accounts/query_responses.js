// @ts-check
/** What the server answers to the queries of a linked device. */

import { createHash } from 'node:crypto'
import { getBinaryNodeChild, getBinaryNodeChildBuffer, getBinaryNodeChildren } from 'baileys'
import { bigEndian, bundlesFor } from './bundles.js'
import { kindOf } from '../server/failing_queries.js'
import { firstChild, stanza } from '../protocol/stanza.js'
import { lookUp } from '../protocol/usync.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Device, Devices } from './devices.js' */
/** @import { Groups } from './groups.js' */
/** @import { Marks } from './dirty_marks.js' */
/** @import { Phones } from './phone.js' */
/** @import { Post } from '../messages/delivery.js' */
/** @import { Unknown } from '../server/unknown_stanzas.js' */

/** One-time keys that are kept of an upload: real servers keep all 812, and nothing here would ever use them up. */
const PREKEYS_KEPT = 40
const KEY_TYPE = Buffer.from([5])

/**
 * @typedef {object} Asker
 * @property {Device} device
 * @property {Post} post
 * @property {Devices} devices
 * @property {Phones} phones
 * @property {Groups} groups
 * @property {Unknown} unknown
 * @property {Marks} marks
 *
 * @typedef {object} Answered
 * @property {BinaryNode[]} [content]
 * @property {'offline' | 'logout'} [follows] what the server does once the answer is sent
 *
 * @typedef {(query: BinaryNode | undefined, asker: Asker, iq: BinaryNode) => Answered} Answer
 */

/** Type, namespace and first child of a query. @type {Record<string, Answer>} */
const ANSWERS = {
  'get w:p ping': () => ({}),
  'get encrypt count': (_, { device }) => ({ content: [stanza('count', { value: String(device.preKeys.length) })] }),
  'set encrypt registration': storeKeys,
  'set encrypt rotate': rotate,
  'get encrypt key': (query, { devices, post }) => ({ content: query && [bundlesFor(query, { devices, post })] }),
  'get encrypt digest': (_, { device }) => ({ content: [digest(device)] }),
  'set passive active': () => ({ follows: 'offline' }),
  'set passive passive': () => ({}),
  'get usync usync': (query, { phones, devices }) => ({ content: query && [lookUp(query, { phones, devices })] }),
  'get abt props': () => ({ content: [stanza('props', { protocol: '1', hash: 'sandbox' })] }),
  'get blocklist': () => ({ content: [stanza('list')] }),
  'get privacy privacy': () => ({ content: [privacy()] }),
  'set privacy tokens': () => ({}),
  'set w:sync:app:state sync': sync,
  'get w:g2 query': (_, { groups, device }, iq) => ({ content: groups.describe(iq, device.phoneNumber) }),
  'get w:g2 participating': (_, { groups, device }, iq) => ({ content: groups.describe(iq, device.phoneNumber) }),
  'set urn:xmpp:whatsapp:dirty clean': clean,
  'set md remove-companion-device': () => ({ follows: 'logout' })
}

/**
 * @param {BinaryNode} iq
 * @param {Asker} asker
 * @returns {Answered} empty for a query that is not known, which is noted
 */
export function answerTo(iq, asker) {
  const kind = kindOf(iq)
  if (Object.hasOwn(ANSWERS, kind)) return /** @type {Answer} */ (ANSWERS[kind])(firstChild(iq), asker, iq)
  asker.unknown.note(iq)
  return {}
}

/** @type {Answer} */
function storeKeys(_, { device, devices }, iq) {
  const keys = getBinaryNodeChildren(getBinaryNodeChild(iq, 'list'), 'key').map(readKey)
  device.preKeys = [...device.preKeys, ...keys].slice(0, PREKEYS_KEPT)
  const signed = getBinaryNodeChild(iq, 'skey')
  if (signed) device.signedPreKey = readSignedKey(signed)
  devices.save()
  return {}
}

/** @type {Answer} */
function clean(_, { device, marks }, iq) {
  marks.clean(device, iq)
  return {}
}

/** @type {Answer} */
function rotate(query, { device, devices }) {
  const signed = getBinaryNodeChild(query, 'skey')
  if (signed) device.signedPreKey = readSignedKey(signed)
  devices.save()
  return {}
}

/** @param {BinaryNode} node */
function readKey(node) {
  const id = Buffer.from(getBinaryNodeChildBuffer(node, 'id') ?? [0])
  return { id: id.readUIntBE(0, id.length), key: base64(node, 'value') }
}

/** @param {BinaryNode} node */
function readSignedKey(node) {
  return { ...readKey(node), signature: base64(node, 'signature') }
}

/**
 * @param {BinaryNode} node
 * @param {string} tag
 */
function base64(node, tag) {
  return Buffer.from(getBinaryNodeChildBuffer(node, tag) ?? []).toString('base64')
}

/** @param {Device} device */
function digest({ registrationId, identityKey, signedPreKey }) {
  const registration = bigEndian(registrationId, 4)
  const identity = Buffer.from(identityKey, 'base64')
  const hash = createHash('sha1').update(identity).update(signedPreKey.key).digest()
  const parts = { registration, type: KEY_TYPE, identity, hash }
  return stanza(
    'digest',
    {},
    Object.entries(parts).map(([tag, content]) => stanza(tag, {}, content))
  )
}

function privacy() {
  const names = ['readreceipts', 'profile', 'status', 'online', 'last', 'groupadd', 'calladd']
  return stanza(
    'privacy',
    {},
    names.map(name => stanza('category', { name, value: 'all' }))
  )
}

/** Every collection is as the device has it. @type {Answer} */
function sync(query) {
  const collections = getBinaryNodeChildren(query, 'collection').map(({ attrs: { name = '', version = '0' } }) =>
    stanza('collection', { name, version, has_more_patches: 'false' })
  )
  return { content: [stanza('sync', {}, collections)] }
}
