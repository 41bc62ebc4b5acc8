import type { MeasureOptions, RunOptions } from '#redline/run/options.js'
import { run } from '#redline/run/run.js'
import { resolveScenario } from '#redline/config/resolve.js'
import { loadScenarioFile } from '#redline/config/scenario-file.js'
import { runResultSchema, type RunResult } from '#redline/schema/result.js'
import type { ScenarioPlan } from '#redline/schema/scenario.js'
import { parseAddress } from '#redline/wire/address.js'
import { Client } from '#redline/wire/client.js'
import type { Allowance } from '#redline/redis/safety.js'

/** A plan from the text of a scenario file. */
export function planOf(yaml: string): ScenarioPlan {
  return resolveScenario(loadScenarioFile('test.yaml', yaml))
}

export interface TestRun extends Partial<Omit<RunOptions, 'plans'>> {
  /** A server that is not redline's; without it redline gets one. */
  url?: string
  allow?: Allowance[]
}

/** What every measurement needs, as tests have it. */
export function measureDefaults(): MeasureOptions {
  return {
    profile: 'full',
    seed: 1,
    version: '0.0.0-test',
    env: process.env,
    signal: new AbortController().signal,
    timeoutMs: 5000,
    onProgress: () => undefined,
  }
}

/** Runs scenarios, and checks the result against its schema. */
export async function runPlans(plans: ScenarioPlan[], { url, allow = ['busy'], ...options }: TestRun = {}): Promise<RunResult> {
  const result = await run({
    plans,
    target: url === undefined ? { engines: [] } : { address: parseAddress(url, {}), allow: new Set(allow) },
    ...measureDefaults(),
    ...options,
  })
  return runResultSchema.parse(result)
}

/** A client for looking at a server from the outside. */
export function look(url: string): Promise<Client> {
  return Client.open(parseAddress(url, {}), { protocol: 2, timeoutMs: 5000, signal: new AbortController().signal })
}
