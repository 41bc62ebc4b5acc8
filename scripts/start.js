/* npm start: from a fresh clone to a table of measured claims. */
import { attempt, CLI, setUp } from './setup.js'
import { SHORT_SET } from './short-set.js'

setUp()
const code = attempt(process.execPath, [CLI, 'run', ...SHORT_SET, '--quick', ...process.argv.slice(2)])
if (code === 3) {
  console.error(
    '\nThis machine was too busy to measure some of it; the reasons stand above. `redline run` exits with 3 then, for scripts to know.',
  )
}
// A refuted claim (1) and a busy machine (3) are answers, not failures of this command.
process.exit(code === 1 || code === 3 ? 0 : code)
