import type { FactName, FactsByName } from '#redline/audit/facts.js'
import type { Blindness, FindingDraft, Rule } from '#redline/audit/rule.js'

export * from './facts.js'

/**
 * What a rule finds in facts made by hand. As in an audit, options are read by the rule's own schema, and the rule sees only the
 * facts that it asks for. Throws when one that it needs is not given, and when what it finds could not stand in a report.
 */
export function checkRule(rule: Rule, facts: Partial<FactsByName>, options: Record<string, unknown> = {}): FindingDraft[] {
  const findings = rule.check(factsFor(rule, facts), rule.options.parse(options))
  for (const finding of findings) judge(rule, finding)
  const identities = findings.map(identity)
  if (new Set(identities).size < identities.length)
    throw new Error(`${rule.id} tells two findings apart by nothing: ${identities.join(', ')}`)
  return findings
}

/** Why a rule that finds nothing in these facts has not thereby passed; undefined when it has. */
export function blindness(rule: Rule, facts: Partial<FactsByName>, options: Record<string, unknown> = {}): Blindness | undefined {
  const findings = checkRule(rule, facts, options)
  if (findings.length > 0) throw new Error(`${rule.id} finds ${JSON.stringify(findings)}`)
  return rule.blind?.(factsFor(rule, facts), rule.options.parse(options))
}

function factsFor(rule: Rule, facts: Partial<FactsByName>): Partial<FactsByName> {
  const absent = rule.needs.filter((name) => facts[name] === undefined)
  if (absent.length > 0) throw new Error(`${rule.id} needs ${absent.join(', ')}`)
  const asked: readonly FactName[] = [...rule.needs, ...(rule.wants ?? [])]
  return Object.fromEntries(asked.flatMap((name) => (facts[name] === undefined ? [] : [[name, facts[name]]])))
}

/** What a finding's fingerprint is made of, beside its rule: the same in another audit of the same server. */
export function identity({ about, role }: FindingDraft): string {
  return role === undefined ? about : `${about} ${role}`
}

function judge(rule: Rule, { about, message, evidence, remedy, examples = [], commands = [] }: FindingDraft): void {
  const texts = [about, message, remedy, ...commands, ...examples]
  if (texts.includes('')) throw new Error(`${rule.id} leaves a text empty`)
  const wrong = texts.find((text) => /\b(NaN|undefined|null|Infinity|\[object)\b/.test(text))
  if (wrong !== undefined) throw new Error(`${rule.id} says ${JSON.stringify(wrong)}`)
  if (examples.length > 5) throw new Error(`${rule.id} gives ${examples.length} examples`)
  const odd = Object.entries(evidence).find(([, value]) => typeof value === 'number' && !Number.isFinite(value))
  if (odd) throw new Error(`${rule.id} gives ${odd[0]} as ${odd[1]}`)
}
