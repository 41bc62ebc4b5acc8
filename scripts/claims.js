/* npm run claims [-- result.json ...]: writes docs/claims.md, from the build, out of results of `redline run all --engine redis@6.0,valkey@9.1`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { listShipped, readScenario } from '../dist/config/discover.js'
import { InputError } from '../dist/core/errors.js'
import { renderClaims } from '../dist/report/claims.js'
import { parseRunResult } from '../dist/schema/read-result.js'

const PAGE = 'docs/claims.md'
const files = process.argv.length > 2 ? process.argv.slice(2) : ['reports/latest/result.json']

try {
  const scenarios = await Promise.all((await listShipped(process.cwd())).map(readScenario))
  const results = files.map((file) => parseRunResult(readText(file), file))
  const claims = scenarios.map(({ name, claim, article }) => ({ id: name, claim, article }))
  writeFileSync(new URL(`../${PAGE}`, import.meta.url), renderClaims(claims, results))
  console.log(`${PAGE}, from ${files.join(', ')}`)
} catch (error) {
  if (!(error instanceof InputError)) throw error
  console.error(`claims: ${error.message}${error.hint ? `\n  ${error.hint}` : ''}`)
  process.exitCode = 2
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    throw new InputError(`can't read ${file}: ${error.message}`, { hint: 'first: redline run all --engine redis@6.0,valkey@9.1' })
  }
}
