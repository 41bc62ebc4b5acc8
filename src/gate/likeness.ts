import type { Difference } from '../schema/compare.js'
import type { RecordedScenario, RunRecord } from '../schema/run-record.js'
import { machineClass } from './machine.js'

/**
 * In what two runs differ beside their figures, as far as that shapes them. What makes them unlike things is refused unless the user asks for it; the
 * rest is only told.
 */
export function differencesOf(base: RunRecord, head: RunRecord): Difference[] {
  const ofRun = differing(base, head, null, [
    ['machine', (run) => machineClass(run.environment), true],
    ['kernel', (run) => run.environment.kernel, false],
    ['transparent huge pages', (run) => run.environment.transparentHugePages ?? 'unknown', false],
    ['Node', (run) => run.environment.node, false],
    ['redline', (run) => run.redline, false],
  ])
  const ofScenarios = base.scenarios.flatMap((scenario) => {
    const other = head.scenarios.find(({ id }) => id === scenario.id)
    return other === undefined ? [] : differing(scenario, other, scenario.id, [...SCENARIO_FACTS, ...configFacts(scenario, other)])
  })
  return [...ofRun, ...merged(ofScenarios)]
}

type Fact<T> = [what: string, of: (thing: T) => string, unlike: boolean]

const SCENARIO_FACTS: Fact<RecordedScenario>[] = [
  ['scenario', ({ hash }) => hash.slice(0, 12), true],
  ['engine', ({ target }) => target.engine, true],
  ['version', ({ target }) => target.version, true],
  ['topology', ({ target }) => target.topology, true],
  ['transport', ({ target }) => target.transport, true],
  ['server', ({ target }) => target.server, true],
]

/** Whether two measurements of one scenario are of the same thing, so that baselines may hold them together. */
export function isSameThing(a: RecordedScenario, b: RecordedScenario): boolean {
  return !differing(a, b, a.id, [...SCENARIO_FACTS, ...configFacts(a, b)]).some(({ unlike }) => unlike)
}

function configFacts(a: RecordedScenario, b: RecordedScenario): Fact<RecordedScenario>[] {
  const names = [...new Set([a, b].flatMap(({ target }) => Object.keys(target.config)))]
  return names.map((name) => [`config ${name}`, ({ target }) => target.config[name] ?? 'not told', true])
}

function differing<T>(base: T, head: T, scenario: string | null, facts: readonly Fact<T>[]): Difference[] {
  return facts.flatMap(([what, of, unlike]) => {
    const [before, after] = [of(base), of(head)]
    return before === after ? [] : [{ what, scenario, base: before, head: after, unlike }]
  })
}

/** What differs in the same way for several scenarios is told once, of all of them. */
function merged(differences: readonly Difference[]): Difference[] {
  const textOf = ({ what, base, head }: Difference) => JSON.stringify([what, base, head])
  const first = new Map<string, Difference>()
  for (const difference of differences) {
    const before = first.get(textOf(difference))
    first.set(textOf(difference), before === undefined ? difference : { ...difference, scenario: null })
  }
  return [...first.values()]
}
