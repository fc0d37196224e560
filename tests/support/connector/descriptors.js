// @ts-check
/** The protobuf of the installed Baileys: which types there are, and what each has. */

import { join } from 'node:path'
import protobuf from '../../../connector/node_modules/protobufjs/index.js'

const PROTO = join(import.meta.dirname, '../../../connector/node_modules/baileys/WAProto/WAProto.proto')

const root = protobuf.loadSync(PROTO)
root.resolveAll()

/** @param {string} name without the package */
export const typeOf = name => root.lookupType(`proto.${name}`)

/** @param {string} name @returns {Record<string, number>} */
export const valuesOf = name => root.lookupEnum(`proto.${name}`).values

/** Every content that a message can have. */
export const MESSAGE = typeOf('Message')

/** @param {{fullName: string}} type */
export const nameOf = ({ fullName }) => fullName.replace(/^\.?proto\./, '')

/**
 * Every text inside a type, each with a value that has only this text.
 * @param {any} type
 * @param {(type: string, field: string) => boolean} isLeftOut types and fields that are not looked into
 * @param {string} text
 * @param {string[]} [path] types on the way
 * @returns {Generator<{leaf: string, value: object}>} leaf: `Type.field`
 */
export function* textsIn(type, isLeftOut, text, path = []) {
  const name = nameOf(type)
  if (path.includes(name)) return
  for (const field of type.fieldsArray) {
    const wrap = (/** @type {unknown} */ value) => ({ [field.name]: field.repeated ? [value] : value })
    if (isLeftOut(name, field.name)) continue
    if (field.type === 'string') yield { leaf: `${name}.${field.name}`, value: wrap(text) }
    const inner = field.resolvedType
    if (!(inner instanceof protobuf.Type) || isLeftOut(nameOf(inner), '')) continue
    for (const { leaf, value } of textsIn(inner, isLeftOut, text, [...path, name])) yield { leaf, value: wrap(value) }
  }
}

/**
 * A random value of a type.
 * @param {any} type
 * @param {{next: () => number, text: () => string}} random next: from 0 to 1
 * @param {number} depth types inside each other
 * @returns {any}
 */
export function randomValue(type, random, depth) {
  /** @type {Record<string, unknown>} */
  const value = {}
  const fields = type.fieldsArray
  const wanted = 1 + Math.floor(random.next() * 3)
  for (let times = 0; times < wanted; times++) {
    const field = fields[Math.floor(random.next() * fields.length)]
    if (!field) continue
    const make = () => randomField(field, random, depth)
    const made = field.repeated ? Array.from({ length: Math.floor(random.next() * 3) }, make) : make()
    if (made !== undefined) value[field.name] = made
  }
  return value
}

/** @param {any} field @param {{next: () => number, text: () => string}} random @param {number} depth */
function randomField(field, random, depth) {
  const inner = field.resolvedType
  if (inner instanceof protobuf.Type) return depth > 0 ? randomValue(inner, random, depth - 1) : {}
  if (inner) return Math.floor(random.next() * 40)
  if (field.type === 'string') return random.text()
  if (field.type === 'bytes') return Buffer.from(random.text())
  if (field.type === 'bool') return random.next() < 0.5
  if (field.type === 'double' || field.type === 'float')
    return [0, NaN, Infinity, -1e300, 12.5][Math.floor(random.next() * 5)]
  return [0, 1, 3, 2 ** 31 - 1, 1779710460][Math.floor(random.next() * 5)]
}
