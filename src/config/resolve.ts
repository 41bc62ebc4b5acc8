import { parseDuration } from '../core/units.js'
import { faultsSchema } from '../schema/scenario.js'
import type { DatasetEntry, ExpectationPlan, ScenarioFile, ScenarioPlan, VariantPlan } from '../schema/scenario.js'
import { findContradictions } from './consistency.js'
import { readExpectation } from './expectations.js'
import type { Side } from './expectations.js'
import { planFaults } from './faults.js'
import { canonicalJson, hashOf } from './hash.js'
import { mergeLayers } from './layers.js'
import type { Merged } from './layers.js'
import { planLoad } from './load-plan.js'
import { expandMatrix, variantId } from './matrix.js'
import type { MatrixPoint } from './matrix.js'
import { checkMerged, layersOf, sidesOf } from './merged.js'
import type { VariantLayers } from './merged.js'
import { inputErrorOf } from '../core/mistakes.js'
import type { Mistake } from '../core/mistakes.js'
import { readOverrides } from './overrides.js'
import type { Overrides, Settable } from './overrides.js'
import { fieldText } from './paths.js'
import { quickened } from './quick.js'
import { withVars } from './vars.js'

/**
 * The plan of a scenario: every variant at every point of its matrix, with defaults filled in. What is said more narrowly wins:
 * scenario, variant, point, then the profile, then the command line. Throws one InputError that tells all mistakes of the overrides.
 */
export function resolveScenario(file: ScenarioFile, overrides: Overrides = {}): ScenarioPlan {
  const profiled = overrides.profile === 'quick' ? quickened(file) : file
  const points = expandMatrix(profiled.matrix)
  const sides = sidesOf(profiled, points)
  const mistakes: Mistake[] = []
  const { scenario, onTop } = readOverrides(profiled, overrides, settableOf(profiled, sides), mistakes)
  const merging = Object.keys(scenario.variants).flatMap((variant) =>
    points.map((point) => ({ variant, point, layers: onTop(layersOf(scenario, variant, point)) })),
  )
  mistakes.push(...findConsequences(scenario, merging))
  if (mistakes.length > 0) throw inputErrorOf(`this run of ${scenario.name}`, mistakes)

  const { dataset, reload } = scenario
  const variants = merging.map(({ variant, point, layers }) => planVariant(variant, point, withVars(mergeLayers(layers)), dataset))
  return {
    id: scenario.name,
    claim: scenario.claim,
    about: scenario.about,
    article: scenario.article,
    hash: hashPlan({ dataset, reload, variants }),
    dataset,
    reload,
    variants,
    rounds: scenario.rounds,
    expectations: scenario.expect.map((expression) => planExpectation(expression, sides)),
  }
}

/** The hash of everything in a plan that shapes the measurement: not its wording, its expectations or how often it is repeated. */
export function hashPlan(plan: Pick<ScenarioPlan, 'dataset' | 'reload' | 'variants'>): string {
  // Sorted, because the order in which variants and loads are written says nothing. Ids repeat variant and point.
  const variants = plan.variants.map((variant) => ({ ...variant, id: undefined, loads: sorted(variant.loads) }))
  return hashOf({ dataset: plan.dataset, reload: plan.reload, variants: sorted(variants) })
}

function sorted<T>(values: readonly T[]): T[] {
  return values.toSorted((a, b) => (canonicalJson(a) < canonicalJson(b) ? -1 : 1))
}

/** What overrides, right by themselves, turned into a contradiction. */
function findConsequences(scenario: ScenarioFile, variants: readonly VariantLayers[]): Mistake[] {
  const found = [...findContradictions(scenario), ...checkMerged(variants)]
  const mistakes = found.map(({ path, message }): Mistake => ({ field: fieldText(path), message }))
  return [...new Map(mistakes.map((mistake) => [`${mistake.field} ${mistake.message}`, mistake])).values()]
}

function planVariant(variant: string, point: MatrixPoint, merged: Merged, dataset: readonly DatasetEntry[]): VariantPlan {
  const delay = merged.network['delay']
  // redis.conf knows nothing but text.
  const config = Object.entries(merged.serverConfig).map(([name, value]) => [name, String(value)] as const)
  return {
    id: variantId(variant, point.values),
    variant,
    point: point.values,
    loads: [...merged.loads].map(([name, load]) => planLoad(name, load, dataset)),
    delayMs: typeof delay === 'string' ? parseDuration(delay) : 0,
    server: { config: Object.fromEntries(config) },
    faults: planFaults(faultsSchema.parse(merged.faults ?? [])),
  }
}

/** What the command line may name. */
function settableOf({ vars, variants }: ScenarioFile, sides: readonly Side[]): Settable {
  return {
    loads: [...new Set(sides.flatMap(({ loads }) => loads))],
    vars: [vars, ...Object.values(variants).map((variant) => variant.vars)].flatMap((given) => Object.keys(given ?? {})),
  }
}

function planExpectation(expression: string, sides: readonly Side[]): ExpectationPlan {
  const read = readExpectation(expression, sides)
  if ('mistakes' in read) throw new Error(`the expectation ${expression} was not checked`)
  return read
}
