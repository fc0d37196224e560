// @ts-check
/**
 * Files of the kernel that Node reads again and again: the memory of this process, and the boot clock.
 *
 * An isolated connector may read them because they exist when it starts (server/isolation/files.py). Under memory pressure the
 * kernel forgets a file in /proc and makes it again, and that one is forbidden. A file that is open is not forgotten.
 */

import { openSync } from 'node:fs'

/** Keeps them open until the process ends. A host that has none needs none. */
export function holdProcFiles() {
  for (const path of ['/proc/self/status', '/proc/uptime']) {
    try {
      openSync(path, 'r')
    } catch {}
  }
}
