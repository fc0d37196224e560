// @ts-check
/** Responses of the server to the queries of a linked device. */

import { createHash } from 'node:crypto'
import { getBinaryNodeChild, getBinaryNodeChildBuffer, getBinaryNodeChildren } from 'baileys'
import { bigEndian, bundlesFor } from './bundles.js'
import { kindOf } from '../server/failing_queries.js'
import { firstChild, stanza } from '../protocol/stanza.js'
import { lookUp } from '../protocol/usync.js'
import { restrictionOf } from './restrictions.js'

/** @import { BinaryNode } from 'baileys' */
/** @import { Device, Devices } from './devices.js' */
/** @import { DeviceLists } from './device_lists.js' */
/** @import { ConnectionFaults } from '../server/faults.js' */
/** @import { Groups } from './groups.js' */
/** @import { DirtyMarks } from './dirty_marks.js' */
/** @import { Phones } from './phone.js' */
/** @import { Delivery } from '../messages/delivery.js' */
/** @import { UnknownStanzas } from '../server/unknown_stanzas.js' */

/** One-time keys of an upload that are kept. Real servers keep all 812; the sandbox would never use them up. */
const MAX_PREKEYS = 40
const KEY_TYPE = Buffer.from([5])

/**
 * @typedef {object} Asker
 * @property {Device} device
 * @property {Delivery} delivery
 * @property {Devices} devices
 * @property {Phones} phones
 * @property {Groups} groups
 * @property {UnknownStanzas} unknownStanzas
 * @property {DirtyMarks} dirtyMarks
 * @property {DeviceLists} deviceLists
 * @property {ConnectionFaults} fault
 *
 * @typedef {object} Response
 * @property {BinaryNode[]} [content]
 * @property {'offline' | 'logout'} [follows] what the server does after the response
 *
 * @typedef {(query: BinaryNode | undefined, asker: Asker, iq: BinaryNode) => Response} Responder
 */

/** Type, namespace and first child of a query. @type {Record<string, Responder>} */
const RESPONDERS = {
  'get w:p ping': () => ({}),
  'get encrypt count': (_, { device }) => ({ content: [stanza('count', { value: String(device.preKeys.length) })] }),
  'set encrypt registration': storeKeys,
  'set encrypt rotate': rotate,
  'get encrypt key': (query, { devices, delivery, phones }) => ({
    content: query && [bundlesFor(query, { devices, delivery, phones })]
  }),
  'get encrypt digest': (_, { device }) => ({ content: [digest(device)] }),
  'set passive active': () => ({ follows: 'offline' }),
  'set passive passive': () => ({}),
  'get usync usync': lookUpAccounts,
  'get w:mex query': restriction,
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
 * @returns {Response} empty for an unknown query, which is noted
 */
export function responseTo(iq, asker) {
  const kind = kindOf(iq)
  if (Object.hasOwn(RESPONDERS, kind)) return /** @type {Responder} */ (RESPONDERS[kind])(firstChild(iq), asker, iq)
  asker.unknownStanzas.note(iq)
  return {}
}

/** @type {Responder} */
function lookUpAccounts(query, { phones, devices, deviceLists, device }) {
  const watch = (/** @type {string} */ owner) => deviceLists.watch(device.phoneNumber, owner)
  return { content: query && [lookUp(query, { phones, devices, watch })] }
}

/** @type {Responder} */
function restriction(query, { fault, unknownStanzas }, iq) {
  const result = restrictionOf(query, fault)
  if (!result) unknownStanzas.note(iq)
  return { content: result ? [result] : [] }
}

/** @type {Responder} */
function storeKeys(_, { device, devices }, iq) {
  const keys = getBinaryNodeChildren(getBinaryNodeChild(iq, 'list'), 'key').map(readKey)
  device.preKeys = [...device.preKeys, ...keys].slice(0, MAX_PREKEYS)
  const signed = getBinaryNodeChild(iq, 'skey')
  if (signed) device.signedPreKey = readSignedKey(signed)
  devices.save()
  return {}
}

/** @type {Responder} */
function clean(_, { device, dirtyMarks }, iq) {
  dirtyMarks.clean(device, iq)
  return {}
}

/** @type {Responder} */
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

/** Every collection is as the device has it. @type {Responder} */
function sync(query) {
  const collections = getBinaryNodeChildren(query, 'collection').map(({ attrs: { name = '', version = '0' } }) =>
    stanza('collection', { name, version, has_more_patches: 'false' })
  )
  return { content: [stanza('sync', {}, collections)] }
}
