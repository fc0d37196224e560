// @ts-check
/**
 * Records of Signal sessions that are not parsed again with each message.
 *
 * libsignal 6.0.0 makes a record of what is stored, changes it, and makes what is stored of it again, some 20 keys each time. Here
 * it gets the record back that it made the stored value of. It gets each one once: a record that was changed and not stored, such as
 * that of a message that cannot be opened, is dropped with its changes.
 */

import { SessionRecord } from 'libsignal'

/** The record of each stored value, and the value that was made of each record last, while the record is as it was then. */
const records = /** @type {WeakMap<object, object>} */ (new WeakMap())
const unchanged = /** @type {WeakMap<object, object>} */ (new WeakMap())

/** @typedef {{deserialize(stored: object): object, prototype: {serialize(): object}}} RecordClass */

const Records = /** @type {RecordClass} */ (/** @type {unknown} */ (SessionRecord))
const { deserialize } = Records
const { serialize } = Records.prototype

Records.prototype.serialize = function () {
  const stored = serialize.call(this)
  records.set(stored, this)
  unchanged.set(this, stored)
  return stored
}

Records.deserialize = (/** @type {object} */ stored) => {
  const record = records.get(stored)
  if (!record || unchanged.get(record) !== stored) return deserialize.call(Records, stored)
  unchanged.delete(record) // it may be changed from now on
  return record
}

/**
 * Whether a stored value has a session that messages can be sealed in. To make a record for that would use it up.
 * @param {any} stored
 */
export function hasOpenSession(stored) {
  const open = Object.values(stored?._sessions ?? {}).find(({ indexInfo }) => indexInfo?.closed === -1)
  return typeof open?.registrationId === 'number'
}
