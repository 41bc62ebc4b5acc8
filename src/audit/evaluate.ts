import { groupBy } from '../core/group.js'
import type { ServerFacts } from '../redis/server-facts.js'
import type { Severity } from '../schema/audit.js'
import type { FactName, FactsByName, Reading, Readings } from './facts.js'
import type { Blindness, FindingDraft, Rule } from './rule.js'

/** The facts of one server, beside those of the whole deployment. */
export interface NodeReadings {
  address: string
  readings: Readings
}

/** What is wrong, and on which servers; empty when it is about the whole. */
export interface RuledFinding extends FindingDraft {
  rule: string
  severity: Severity
  nodes: string[]
}

/** What became of each rule: it failed when it has findings. */
export interface Evaluation {
  findings: RuledFinding[]
  passed: string[]
  failed: string[]
  notAssessed: RuleRemark[]
  notApplicable: RuleRemark[]
}

export interface RuleRemark {
  rule: string
  why: string
}

/** A rule, and its options as its own schema reads them. */
export interface RuleWithOptions {
  rule: Rule
  options: Record<string, unknown>
}

/**
 * Puts facts to rules. A rule of scope `node` is asked for each server, and what it finds on several is one finding; any other is
 * asked once, with the facts of the first server. What a rule needs and nobody could read makes it "not assessed", never "passed".
 */
export function evaluate(rules: readonly RuleWithOptions[], deployment: Readings, nodes: readonly NodeReadings[]): Evaluation {
  const evaluation: Evaluation = { findings: [], passed: [], failed: [], notAssessed: [], notApplicable: [] }
  for (const { rule, options } of rules) {
    const asked = rule.scope === 'node' ? nodes : nodes.slice(0, 1)
    const answers = (asked.length > 0 ? asked : [{ address: '', readings: {} }]).map(({ address, readings }) =>
      ask(rule, options, { ...readings, ...deployment }, rule.scope === 'node' && nodes.length > 1 ? [address] : []),
    )
    record(rule.id, answers, evaluation)
  }
  return evaluation
}

type Answer =
  | { kind: 'findings'; nodes: string[]; findings: RuledFinding[] }
  | { kind: 'not assessed' | 'not applicable'; nodes: string[]; why: string }

function ask(rule: Rule, options: Record<string, unknown>, readings: Readings, nodes: string[]): Answer {
  const server: Reading<ServerFacts> | undefined = readings.server
  const reason = server?.known ? rule.inapplicable?.(server.value) : undefined
  if (reason !== undefined) return { kind: 'not applicable', nodes, why: reason }
  const missing = rule.needs.find((name) => !readings[name]?.known)
  if (missing !== undefined)
    return { kind: isAbsent(readings[missing]) ? 'not applicable' : 'not assessed', nodes, why: whyUnknown(missing, readings) }
  const facts = factsFor(rule, readings)
  const drafts = rule.check(facts, options)
  const blindness = drafts.length === 0 ? (cutShort(rule, readings) ?? rule.blind?.(facts, options)) : undefined
  if (blindness) return { ...blindness, nodes }
  return { kind: 'findings', nodes, findings: drafts.map((draft) => ({ severity: rule.severity, ...draft, rule: rule.id, nodes })) }
}

/** A scan that ended early has seen what it found, streams among it; of what it did not find it knows nothing. */
function cutShort({ needs }: Rule, { keyspace }: Readings): Blindness | undefined {
  const aboutKeys = needs.includes('keyspace') || needs.includes('streams')
  if (!aboutKeys || !keyspace?.known || keyspace.value.complete) return undefined
  return { kind: 'not assessed', why: 'the scan ended before it had read all keys' }
}

function factsFor(rule: Rule, readings: Readings): Partial<FactsByName> {
  const facts: Partial<FactsByName> = {}
  const put = <N extends FactName>(name: N, reading: Reading<FactsByName[N]> | undefined) => {
    if (reading?.known) facts[name] = reading.value
  }
  for (const name of [...rule.needs, ...(rule.wants ?? [])]) put(name, readings[name] as Reading<FactsByName[typeof name]> | undefined)
  return facts
}

function isAbsent(reading: Reading<unknown> | undefined): boolean {
  return reading?.known === false && reading.absent === true
}

function whyUnknown(name: FactName, readings: Readings): string {
  const reading = readings[name]
  return reading === undefined || reading.known ? `${name}: not read` : reading.why
}

function record(rule: string, answers: readonly Answer[], evaluation: Evaluation): void {
  const findings = joined(answers.flatMap((answer) => (answer.kind === 'findings' ? answer.findings : [])))
  evaluation.findings.push(...findings)
  const silent = answers.flatMap((answer) => (answer.kind === 'not assessed' ? [answer] : []))
  const assessed = answers.some((answer) => answer.kind === 'findings')
  if (findings.length > 0) evaluation.failed.push(rule)
  if (silent.length > 0) {
    const where = assessed ? `on ${silent.flatMap(({ nodes }) => nodes).join(', ')}: ` : ''
    evaluation.notAssessed.push({ rule, why: `${where}${[...new Set(silent.map(({ why }) => why))].join('; ')}` })
  } else if (!assessed) {
    evaluation.notApplicable.push({
      rule,
      why: [...new Set(answers.flatMap((answer) => (answer.kind === 'not applicable' ? answer.why : [])))].join('; '),
    })
  } else if (findings.length === 0) {
    evaluation.passed.push(rule)
  }
}

/** The same thing on several servers is one finding, in the words of the first; where others would say it otherwise, it says whose they are. */
function joined(findings: readonly RuledFinding[]): RuledFinding[] {
  const byThing = groupBy(findings, ({ about, role = '', severity }) => JSON.stringify([about, role, severity]))
  return [...byThing.values()].flatMap((same) => {
    const [first] = same
    if (!first) return []
    const alike = same.every(({ message }) => message === first.message)
    const message = alike ? first.message : `${first.message} (on ${first.nodes.join(', ')})`
    return [{ ...first, message, nodes: same.flatMap(({ nodes }) => nodes) }]
  })
}
