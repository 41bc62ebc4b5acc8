/* npm run bench: benchmarks, all of them or those that are named (npm run bench -- micro). Takes some minutes. */
import { attempt, setUp } from './setup.js'

const ALL = ['micro', 'pacing', 'throughput', 'encodings', 'audit', 'audit-memory', 'impact', 'ab', 'same', 'render']
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !ALL.includes(name))
if (unknown.length > 0) {
  console.error(`there is no benchmark ${unknown.join(', ')}; there are ${ALL.join(', ')}`)
  process.exit(2)
}
setUp()
for (const name of ALL.filter((name) => wanted.length === 0 || wanted.includes(name))) {
  console.log(`\n== ${name}`)
  const code = attempt(process.execPath, [`bench/${name}.js`])
  if (code !== 0) process.exit(code)
}
