import { describeScenario, type ExtentDescription, type ScenarioDescription, type VariantDescription } from '../../config/describe.js'
import { InputError } from '../../core/errors.js'
import { groupBy } from '../../core/group.js'
import { didYouMean, nearest, safeText } from '../../core/text.js'
import { formatCount, formatDuration } from '../../core/units.js'
import { isRuleId, RULE_IDS } from '../../audit/rules/registry.js'
import { findScenarios, listShipped, readScenario } from '../../config/discover.js'
import { METRICS, type MetricName } from '../../schema/metrics.js'
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
  const kinds = await Promise.all(WORKLOAD_IDS.map(async (id) => [id, (await findWorkload(id)).kind] as const))
  const studies = new Set(kinds.flatMap(([id, kind]) => (kind === 'study' ? [id] : [])))
  return files.flatMap((file, index) => [...(index > 0 ? [''] : []), ...scenarioLines(describeScenario(file), studies, width)])
}

function isMetric(name: string): name is MetricName {
  return Object.hasOwn(METRICS, name)
}

async function explainWorkload(id: string, width: number): Promise<string[]> {
  const { kind, summary, parameters } = await findWorkload(id)
  const named = Math.max(...parameters.map((parameter) => parameter.name.length))
  const rows = parameters.map(({ name, byDefault, description }) => `  ${name.padEnd(named)}  ${safeText(description)} (${byDefault})`)
  const what =
    kind === 'study'
      ? 'a study: it has a round to itself, and says what happens when'
      : 'a workload: each connection of the load does it, again and again'
  return [id, ...paragraph(summary, width), `  (${what})`, '', 'parameters (by default)', ...rows]
}

function scenarioLines(scenario: ScenarioDescription, studies: ReadonlySet<string>, width: number): string[] {
  const { id, claim, article, about, dataset, variants, full, quick, metrics } = scenario
  const section = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${safeText(line)}`)]
  return [
    safeText(id),
    ...paragraph(claim, width),
    ...(article === undefined ? [] : ['', 'what the article says', ...paragraph(article, width)]),
    ...(about === undefined ? [] : ['', ...paragraph(about, width)]),
    ...section('data', dataset.map(dataLine)),
    ...section('variants', variants.flatMap(variantLines)),
    ...section('at every point of', full.axes.map(axisLine)),
    ...section('load', [...loadLines(variants, studies), planLine(full)]),
    ...section('server', serverLines(variants)),
    ...section('faults', faultLines(variants)),
    ...section('expected', full.expectations),
    ...section('with --quick', quickLines(quick, full)),
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

function variantLines({ variant, loads, vars }: VariantDescription): string[] {
  const lines = loads.flatMap(({ name, sends }) => {
    const title = loads.length > 1 ? `${variant} · ${name}` : variant
    return sends.map((line, index) => `${(index === 0 ? title : '').padEnd(18)} ${line}`)
  })
  const given = Object.entries(vars).map(([name, value]) => `{$${name}} is ${value}`)
  return given.length === 0 ? lines : [...lines, `${''.padEnd(18)} where ${given.join(', ')}`]
}

function axisLine({ name, values }: ExtentDescription['axes'][number]): string {
  return `${name}: ${values.join(', ')}`
}

/** What is done to the servers: to those of all variants, or of each where that differs. */
function faultLines(variants: readonly VariantDescription[]): string[] {
  const lines = variants.map(({ faults }) => faults.join(', '))
  if (new Set(lines).size === 1) return lines[0] === '' ? [] : [lines[0]!]
  return variants.map(({ variant }, index) => `${variant.padEnd(18)} ${lines[index] || 'none'}`)
}

/** The quick form where it differs. */
function quickLines(quick: ExtentDescription, full: ExtentDescription): string[] {
  const axes = quick.axes.filter(({ values }, index) => values.join() !== full.axes[index]!.values.join())
  const expected = quick.expectations.join() === full.expectations.join() ? [] : quick.expectations.map((line) => `expected ${line}`)
  return [planLine(quick), ...axes.map(axisLine), ...expected]
}

/** What the servers are configured with: of all variants together, or of each where they differ. */
function serverLines(variants: readonly VariantDescription[]): string[] {
  const wishes = variants.map(({ serverConfig }) => Object.entries(serverConfig).map(([name, value]) => `${name} ${value}`))
  const same = wishes.every((wish) => wish.join('\n') === wishes[0]!.join('\n'))
  if (same) return wishes[0]!.map((wish) => `${wish} (a server of its own is started)`)
  return variants.map(({ variant }, index) => `${variant.padEnd(18)} ${wishes[index]!.join(', ') || 'as it is by default'}`)
}

/** Each way of sending once, with the variants and loads that it is of where there are several. */
function loadLines(variants: readonly VariantDescription[], studies: ReadonlySet<string>): string[] {
  const all = variants.flatMap(({ variant, loads }) =>
    loads.map((load) => ({ of: loads.length > 1 ? load.name : variant, line: loadLine(load, studies) })),
  )
  const lines = [...groupBy(all, ({ line }) => line)]
  if (lines.length === 1) return lines.map(([line]) => line)
  return lines.map(([line, same]) => `${[...new Set(same.map(({ of }) => of))].join(', ')}: ${line}`)
}

function loadLine(load: VariantDescription['loads'][number], studies: ReadonlySet<string>): string {
  const { executor, workload, connections, pipeline, threads, driver, rate, durationMs, count, warmupMs } = load
  if (workload && studies.has(workload.id)) {
    const time = durationMs === undefined ? '' : ` of ${formatDuration(durationMs)}, where time is what ends it`
    return `a study: it has a round to itself${time}`
  }
  const connected = `${connections} ${connections === 1 ? 'connection' : 'connections'}`
  const pace =
    executor === 'micro'
      ? 'no server, the work of the client alone'
      : rate === undefined
        ? `closed loop, ${connected} x pipeline ${pipeline}`
        : `open loop, ${formatCount(rate)} a second over ${connected}`
  const bound = durationMs === undefined ? `${formatCount(count ?? 0)} requests` : formatDuration(durationMs)
  const warmUp = warmupMs > 0 ? ` after ${formatDuration(warmupMs)} of warm-up` : ''
  return `${pace}, ${bound}${warmUp}, driver ${driver}${threads > 1 ? `, ${threads} threads` : ''}${executor === 'open' ? `, ${load.arrival} arrivals` : ''}`
}

function planLine({ rounds, roundsInAll, plannedMs }: ExtentDescription): string {
  const time = plannedMs === undefined ? '' : `, about ${formatDuration(plannedMs)}`
  return `${rounds} rounds of each, interleaved: ${roundsInAll} in all${time}`
}
