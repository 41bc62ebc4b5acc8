import { loadScenarioFile } from '#redline/config/scenario-file.js'
import { resolveScenario } from '#redline/config/resolve.js'
import { run } from '#redline/run/run.js'
import type { Round } from '#redline/schema/result.js'
import { parseAddress } from '#redline/wire/address.js'
import { measureDefaults } from './scenarios.js'

/** One round of a workload on a server, as a run does it. */
export async function roundOf(url: string, workload: string, params: object, load: object): Promise<Round> {
  const scenario = {
    name: 'test/workload',
    claim: 'none',
    variants: { only: {} },
    workload,
    params,
    load: { duration: '500ms', warmup: '50ms', ...load },
    rounds: 1,
  }
  const result = await run({
    plans: [resolveScenario(loadScenarioFile('test.yaml', JSON.stringify(scenario)))],
    target: { address: parseAddress(url, {}), allow: new Set(['busy']) },
    ...measureDefaults(),
  })
  return result.scenarios[0]!.variants[0]!.rounds[0]!
}
