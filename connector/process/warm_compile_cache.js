// @ts-check
/**
 * Loads everything that a connector loads, and ends: `node connector/process/warm_compile_cache.js`.
 *
 * Node then leaves the compiled code in NODE_COMPILE_CACHE. `motte serve` runs this before the first connector: an isolated
 * connector may read the cache, and not write it. Otherwise one connector could put code there that the others would run.
 */

import './silence_libraries.js'
import '../network/binary_tokens.js'
import '../network/inbound_limits.js'
import '../assembly.js'
import './exit_codes.js'
import './logger.js'
import './memory_limit.js'
import './rehearsal.js'
import './spare.js'
import '../session/own_queries.js'
import '../settings.js'
import '../network/certificate_check.js'
