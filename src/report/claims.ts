import { groupBy } from '../core/group.js'
import { safeText } from '../core/text.js'
import { formatBytes } from '../core/units.js'
import type { ExpectationResult, RunResult, ScenarioResult, Target } from '../schema/result.js'
import { explained, verdictOfClaim } from './expectations.js'

/** A scenario as the page introduces it. */
export interface ClaimedScenario {
  id: string
  claim: string
  /** What the article says, in other words; undefined when the scenario names no sentence of it. */
  article: string | undefined
}

type Verdict = ExpectationResult['verdict'] | 'not applicable'

/** What one engine answered. */
interface Answer {
  engine: string
  verdict: Verdict
  seen: string
}

interface Entry {
  scenario: ClaimedScenario
  answers: Answer[]
}

/** Parts of the page, by the first word of a scenario's id. */
const PARTS: readonly { title: string; groups: readonly string[] }[] = [
  { title: 'Structures', groups: ['strings', 'hashes', 'lists', 'sets', 'sorted-sets', 'streams'] },
  { title: 'Patterns', groups: ['patterns'] },
  { title: 'Operations', groups: ['operations'] },
]
const VERDICTS = ['holds', 'refuted', 'inconclusive', 'not applicable'] as const
/** More would bury the answer. */
const MOST_OBSERVATIONS = 3

/**
 * docs/claims.md: every sentence of the article that was put to the test, with the answer of each engine. Markdown; a pure function of
 * the results, of which a later one wins where two answer for the same scenario on the same engine.
 */
export function renderClaims(scenarios: readonly ClaimedScenario[], results: readonly RunResult[]): string {
  const entries = scenarios.flatMap((scenario): Entry[] => {
    const answers = answersOf(scenario.id, results)
    return answers.length === 0 ? [] : [{ scenario, answers }]
  })
  const known = new Set(PARTS.flatMap(({ groups }) => groups))
  const parts = [...PARTS, { title: 'Others', groups: [...new Set(entries.map(groupOf).filter((group) => !known.has(group)))] }]
  const sections = parts.flatMap(({ title, groups }) => {
    const its = groups.flatMap((group) => entries.filter((entry) => groupOf(entry) === group))
    return its.length === 0 ? [] : [`## ${title}`, ...its.map(entryText)]
  })
  return `${['# What of the article holds', summaryText(entries), originText(scenarios, results), ...sections].join('\n\n')}\n`
}

const groupOf = ({ scenario }: Entry) => scenario.id.split('/')[0]!

function answersOf(id: string, results: readonly RunResult[]): Answer[] {
  const answers = results.flatMap(({ scenarios, targets, inapplicable = [] }) => [
    ...scenarios.flatMap((scenario) => {
      const target = targets[scenario.target]
      return scenario.id === id && target ? [answerOf(scenario, target)] : []
    }),
    ...inapplicable.flatMap(({ scenario, engine, reason }): Answer[] =>
      scenario === id ? [{ engine, verdict: 'not applicable', seen: reason }] : [],
    ),
  ])
  return [...new Map(answers.map((answer) => [answer.engine, answer])).values()]
}

function answerOf(scenario: ScenarioResult, target: Target): Answer {
  const verdict = verdictOfClaim(scenario.expectations)
  const deciding = scenario.expectations.filter((one) => one.verdict === verdict)
  const shown = deciding.slice(0, MOST_OBSERVATIONS).map(explained)
  const more = deciding.length > shown.length ? [`and ${deciding.length - shown.length} more`] : []
  return { engine: `${target.engine} ${target.version}`, verdict, seen: [...shown, ...remarksOf(scenario), ...more].join('; ') }
}

/** What the last rounds say of themselves, each once. */
function remarksOf({ variants }: ScenarioResult): string[] {
  return [...new Set(variants.flatMap(({ rounds }) => rounds.at(-1)?.remarks ?? []))].slice(0, MOST_OBSERVATIONS)
}

function entryText({ scenario, answers }: Entry): string {
  const rows = answers.map(
    ({ engine, verdict, seen }) => `| ${plain(engine)} | ${verdict === 'refuted' ? '**refuted**' : verdict} | ${plain(seen)} |`,
  )
  return [
    `### ${plain(scenario.id)}`,
    ...(scenario.article === undefined ? [] : [`> ${plain(scenario.article)}`]),
    `${plain(scenario.claim)}: ${inAll(answers)}.`,
    ['| engine | answer | what was seen |', '| --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n')
}

/** `holds on all 5 engines`, or how many say what. */
function inAll(answers: readonly Answer[]): string {
  const one = agreed(answers)
  if (one !== undefined) return answers.length === 1 ? one : `${one} on all ${answers.length} engines`
  return counted(answers)
    .map(([verdict, engines]) => `${verdict} on ${engines.map(plain).join(', ')}`)
    .join('; ')
}

function agreed(answers: readonly Answer[]): Verdict | undefined {
  return answers.every(({ verdict }) => verdict === answers[0]!.verdict) ? answers[0]!.verdict : undefined
}

function counted(answers: readonly Answer[]): [Verdict, string[]][] {
  const byVerdict = groupBy(answers, ({ verdict }) => verdict)
  return VERDICTS.flatMap((verdict): [Verdict, string[]][] => {
    const its = byVerdict.get(verdict)
    return its === undefined ? [] : [[verdict, its.map(({ engine }) => engine)]]
  })
}

/** What holds, what does not, and what depends on the engine, in one paragraph. */
function summaryText(entries: readonly Entry[]): string {
  const named = (some: readonly Entry[]) => some.map(({ scenario }) => `\`${scenario.id.replaceAll('`', '')}\``).join(', ')
  const of = (verdict: Verdict) => entries.filter(({ answers }) => agreed(answers) === verdict)
  const mixed = entries.filter(({ answers }) => agreed(answers) === undefined)
  const engines = new Set(entries.flatMap(({ answers }) => answers.map(({ engine }) => engine))).size
  const where = engines === 1 ? 'on the engine that was asked' : `on all of ${engines} engines`
  const sentences = [
    `Of ${entries.length} claims ${of('holds').length} hold ${where}.`,
    ...sentence(of('refuted'), 'What the field says does not hold', named),
    ...sentence(mixed, 'Engines, or versions, differ', named),
    ...sentence(of('inconclusive'), 'Open remains', named),
  ]
  return sentences.join(' ')
}

function sentence(entries: readonly Entry[], start: string, named: (entries: readonly Entry[]) => string): string[] {
  return entries.length === 0 ? [] : [`${start} in ${named(entries)}.`]
}

/** Where and how the figures came about. */
function originText(all: readonly ClaimedScenario[], results: readonly RunResult[]): string {
  const machines = new Set(results.map(machineText))
  const days = [...new Set(results.map(({ startedAt }) => startedAt.slice(0, 10)))].toSorted()
  const commands = [...new Set(results.map((result) => commandText(all, result)))].map((command) => `\`${command}\``)
  const early = results.filter(({ interrupted, failure }) => interrupted || failure !== null).length
  return [
    `Measured on ${[...machines].map(plain).join(' and ')}, on ${days.join(', ')}, with ${commands.join(' and ')}.`,
    ...(early > 0 ? [early === 1 ? 'One of the runs ended early.' : `${early} of the runs ended early.`] : []),
    'Figures stand with their 95% interval over rounds; your server may well answer differently, which is what the scenarios are for.',
  ].join(' ')
}

function machineText({ environment }: RunResult): string {
  const { cpu, cores, memoryBytes, os, kernel, node } = environment
  return `${cores} cores of ${cpu} with ${formatBytes(memoryBytes)} (${os}, ${kernel}, Node ${node})`
}

function commandText(all: readonly ClaimedScenario[], { profile, targets, scenarios, inapplicable = [] }: RunResult): string {
  const asked = new Set([...scenarios.map(({ id }) => id), ...inapplicable.map(({ scenario }) => scenario)])
  const what = all.every(({ id }) => asked.has(id)) ? 'all' : [...asked].join(' ')
  const engines = [...new Set(targets.map(({ engine, version }) => `${engine}@${version.split('.').slice(0, 2).join('.')}`))]
  return `redline run ${what}${profile === 'quick' ? ' --quick' : ''} --engine ${engines.join(',')}`.replaceAll(/[^\w@.,/\- ]/g, '')
}

/** Text that Markdown shows as it is. */
function plain(text: string): string {
  return safeText(text.replaceAll(/\s+/g, ' ').trim())
    .replaceAll('\\', '\\\\')
    .replaceAll(/[`*_[\]<>|#]/g, String.raw`\$&`)
}
