import { describeScenario, type ScenarioDescription, type VariantDescription } from '../../config/describe.js'
import { InputError } from '../../core/errors.js'
import { didYouMean, nearest, safeText } from '../../core/text.js'
import { formatCount, formatDuration } from '../../core/units.js'
import { findScenarios, isRuleId, listShipped, METRICS, type MetricName, readScenario, resolveScenario, RULE_IDS } from '../../index.js'
import { findWorkload, WORKLOAD_IDS } from '../../workloads/registry.js'
import { wrap } from '../../report/wrap.js'
import { explainRule } from './explain-rule.js'
import { styleFor, type World } from '../world.js'

/** `redline explain`: what a scenario, workload, metric or rule is, and what running it would do. Throws InputError. */
export async function explainCommand(name: string, world: World): Promise<void> {
  const lines = await explain(name, world)
  world.stdout.write(`${lines.join('\n')}\n`)
}

async function explain(name: string, world: World): Promise<string[]> {
  const style = styleFor(world.stdout, world.env)
  const { width } = style
  if (isRuleId(name)) return explainRule(name, style)
  if (isMetric(name))
    return [`${name} (${METRICS[name].unit}, ${METRICS[name].better} is better)`, ...paragraph(METRICS[name].summary, width)]
  if (WORKLOAD_IDS.includes(name)) return explainWorkload(name, width)
  const locations = await findScenarios([name], world.cwd).catch(async (error: unknown) => {
    const ruleMeant = nearest(name, RULE_IDS)
    if ((name.includes('/') && ruleMeant === undefined) || name.includes('.')) throw error
    const known = [...(await listShipped(world.cwd)).map(({ id }) => id), ...WORKLOAD_IDS, ...Object.keys(METRICS), ...RULE_IDS]
    throw new InputError(`nothing is called ${safeText(name)}${didYouMean(name, known)}`, {
      hint: 'redline list names scenarios; redline list rules, redline list metrics and redline list workloads name the rest',
    })
  })
  const files = await Promise.all(locations.map(readScenario))
  return files.flatMap((file, index) => [...(index > 0 ? [''] : []), ...scenarioLines(describeScenario(resolveScenario(file)), width)])
}

function isMetric(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name)
}

async function explainWorkload(id: string, width: number): Promise<string[]> {
  const { summary, parameters } = await findWorkload(id)
  const named = Math.max(...parameters.map((parameter) => parameter.name.length))
  const rows = parameters.map(({ name, byDefault, description }) => `  ${name.padEnd(named)}  ${safeText(description)} (${byDefault})`)
  return [id, ...paragraph(summary, width), '', 'parameters (by default)', ...rows]
}

function scenarioLines(scenario: ScenarioDescription, width: number): string[] {
  const { id, claim, about, dataset, variants, axes, expectations, metrics } = scenario
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${safeText(line)}`)]
  return [
    safeText(id),
    ...paragraph(claim, width),
    ...(about === undefined ? [] : ['', ...paragraph(about, width)]),
    ...section('data', dataset.map(dataLine)),
    ...section('variants', variants.flatMap(variantLines)),
    ...section(
      'at every point of',
      axes.map(({ name, values }) => `${name}: ${values.join(', ')}`),
    ),
    ...section('load', [loadLine(variants[0]!), planLine(scenario)]),
    ...section('server', serverLines(variants)),
    ...section('expected', expectations),
    ...section(
      'where',
      metrics.map(({ name, unit, summary }) => `${name} is ${summary} (${unit})`),
    ),
  ]
}

const paragraph = (text: string, width: number) => wrap(safeText(text.replaceAll(/\s+/g, ' ').trim()), width - 2).map((line) => `  ${line}`)

function dataLine({ key, type, keys, elementsPerKey, ttlMs }: ScenarioDescription['dataset'][number]): string {
  const elements = type === 'string' ? '' : ` of ${formatCount(elementsPerKey)} ${elementsPerKey === 1 ? 'element' : 'elements'}`
  const expiry = ttlMs === undefined ? '' : `, expiring after ${formatDuration(ttlMs)}`
  return `${key}  ${formatCount(keys)} ${type} ${keys === 1 ? 'key' : 'keys'}${elements}${expiry}`
}

function variantLines({ variant, loads }: VariantDescription): string[] {
  return loads.flatMap(({ name, sends }) => {
    const title = loads.length > 1 ? `${variant} · ${name}` : variant
    return sends.map((line, index) => `${(index === 0 ? title : '').padEnd(18)} ${line}`)
  })
}

/** What the servers are configured with: of all variants together, or of each where they differ. */
function serverLines(variants: readonly VariantDescription[]): string[] {
  const wishes = variants.map(({ serverConfig }) => Object.entries(serverConfig).map(([name, value]) => `${name} ${value}`))
  const same = wishes.every((wish) => wish.join('\n') === wishes[0]!.join('\n'))
  if (same) return wishes[0]!.map((wish) => `${wish} (a server of its own is started)`)
  return variants.map(({ variant }, index) => `${variant.padEnd(18)} ${wishes[index]!.join(', ') || 'as it is by default'}`)
}

function loadLine({ loads }: VariantDescription): string {
  const [load] = loads
  const { executor, connections, pipeline, threads, driver, rate, durationMs, count, warmupMs } = load!
  const pace =
    rate === undefined
      ? `closed loop, ${connections} connections x pipeline ${pipeline}`
      : `open loop, ${formatCount(rate)} a second over ${connections} connections`
  const bound = durationMs === undefined ? `${formatCount(count ?? 0)} requests` : formatDuration(durationMs)
  const warmUp = warmupMs > 0 ? ` after ${formatDuration(warmupMs)} of warm-up` : ''
  return `${pace}, ${bound}${warmUp}, driver ${driver}${threads > 1 ? `, ${threads} threads` : ''}${executor === 'open' ? `, ${load!.arrival} arrivals` : ''}`
}

function planLine({ rounds, roundsInAll, plannedMs }: ScenarioDescription): string {
  const time = plannedMs === undefined ? '' : `, about ${formatDuration(plannedMs)}`
  return `${rounds} rounds of each, interleaved: ${roundsInAll} in all${time}`
}
