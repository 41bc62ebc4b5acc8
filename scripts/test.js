/*
 * npm test: what npm start does, then the tests, on one engine, but for those that take minutes (*.slow.test.ts). npm run test:engines: every test,
 * those that are repeated for each engine on all that are unpacked. Arguments go to vitest.
 */
import { attempt, CLI, must, setUp } from './setup.js'
import { SHORT_SET } from './short-set.js'

setUp()
const args = process.argv.slice(2)
const onAllEngines = args[0] === '--all-engines'
if (onAllEngines) {
  process.env.REDLINE_TEST_ENGINES = 'all'
  process.env.REDLINE_TEST_SLOW = '1'
  args.shift()
} else if (args.length === 0) {
  // The run's answers depend on the machine of the moment (1: a claim was refuted, 3: the machine was too busy to measure);
  // that it runs at all does not.
  const code = attempt(process.execPath, [CLI, 'run', ...SHORT_SET, '--quick'])
  if (code !== 0 && code !== 1 && code !== 3) process.exit(code)
}
if (args.some((arg) => arg.includes('.slow.test'))) process.env.REDLINE_TEST_SLOW = '1'
must(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...args])
