// @ts-check
/**
 * A warm spare: a connector that was started in advance, `node connector/main.js --spare`.
 *
 * It has loaded everything, rehearsed a start, and made an empty database and the keys of a device. The supervisor puts its folder in
 * the place of a session's, and names the session on standard input. Then the spare is the connector of that session, for the rest
 * of its life. Before, it opens no socket.
 */

import { once } from 'node:events'
import { join } from 'node:path'
import { initAuthCreds } from 'baileys'
import { makeConnectorDatabase } from '../storage/database.js'
import { EXIT } from './exit_codes.js'
import { replaceFile } from './files.js'
import { rehearse } from './rehearsal.js'

/** The argument, in place of a session's id. */
export const SPARE = '--spare'

/** Name of the spare's own folder, which is its working directory. The name stays right when the folder is renamed. */
export const OWN_FOLDER = '/proc/self/cwd'

/** Name of a file which says that the folder can be renamed. The supervisor removes it. */
const WARM = 'warm'

/** Does what can be done without a session. @param {import('../settings.js').SharedSettings} shared */
export async function prepareSpare(shared) {
  const leave = () => process.exit(EXIT.done)
  process.on('SIGTERM', leave)
  await rehearse(OWN_FOLDER, shared)
  makeConnectorDatabase(OWN_FOLDER)
  const creds = initAuthCreds()
  replaceFile(join(OWN_FOLDER, WARM), '')
  return {
    /** Keys of a new device. They leave this process as those of its one session. */
    creds,
    /**
     * Resolves with the session, whenever the supervisor names one. It writes the line in one piece.
     * @param {import('node:stream').Readable} input standard input
     * @returns {Promise<string>}
     */
    async session(input) {
      const [line] = await once(input, 'data')
      process.off('SIGTERM', leave)
      const id = String(line).trimEnd()
      process.title = `${process.argv[1]} ${id}` // for people who list processes
      return id
    }
  }
}
