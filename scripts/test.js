/* npm test: what npm start does, then every test. Arguments go to vitest. */
import { attempt, CLI, must, setUp } from './setup.js'

setUp()
const args = process.argv.slice(2)
if (args.length === 0) {
  // The run's answers depend on the machine of the moment (1: a claim was refuted, 3: the machine was too busy to measure);
  // that it runs at all does not.
  const code = attempt(process.execPath, [CLI, 'run', 'all', '--quick'])
  if (code !== 0 && code !== 1 && code !== 3) process.exit(code)
}
must(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...args])
