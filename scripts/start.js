/* npm start: from a fresh clone to a table of measured claims. */
import { attempt, CLI, setUp } from './setup.js'

setUp()
const code = attempt(process.execPath, [CLI, 'run', 'all', '--quick', ...process.argv.slice(2)])
// A refuted claim is an answer, not a failure of this command.
process.exit(code === 1 ? 0 : code)
