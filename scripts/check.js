/* npm run check: format, types, lint with types, and the walls between folders. All of them run, also when one fails. */
import { attempt, build } from './setup.js'

const node = (args) => attempt(process.execPath, args)

build()
const results = {
  format: node(['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.']),
  types: node(['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json']),
  lint: node(['node_modules/oxlint/bin/oxlint', '--deny-warnings']),
}
const failed = Object.keys(results).filter((name) => results[name] !== 0)
console.error(failed.length === 0 ? 'check: format, types and lint are fine' : `check: ${failed.join(', ')} failed`)
process.exit(failed.length === 0 ? 0 : 1)
