import type { AuditResult } from '../../schema/audit.js'
import type { FactName } from '../facts.js'
import type { Rule } from '../rule.js'

/** Facts that are whole only when every key was read. */
const FROM_KEYS: readonly FactName[] = ['keyspace', 'streams']

/**
 * Tells of which rules an audit proves something by finding nothing: those that were assessed everywhere, and, where they look at
 * keys, in all of them. A rule that there is none of any more can't find anything either.
 */
export function silenceProves(
  audit: Pick<AuditResult, 'rules' | 'coverage' | 'interrupted' | 'failure'>,
  rules: readonly Pick<Rule, 'id' | 'needs' | 'wants'>[],
): (rule: string) => boolean {
  if (audit.interrupted || audit.failure !== null) return () => false
  const byId = new Map(rules.map((rule) => [rule.id, rule]))
  const unknown = new Set(audit.rules.notAssessed.map(({ rule }) => rule))
  const assessed = new Set([...audit.rules.passed, ...audit.rules.failed].filter((rule) => !unknown.has(rule)))
  const everyKey = audit.coverage.complete && audit.coverage.mode !== 'sample'
  return (id) => {
    const rule = byId.get(id)
    if (rule === undefined) return true
    const looksAtKeys = [...rule.needs, ...(rule.wants ?? [])].some((fact) => FROM_KEYS.includes(fact))
    return assessed.has(id) && (everyKey || !looksAtKeys)
  }
}

/** The same of an earlier audit: a rule that was not assessed then may have found the same; it is told, with that remark. */
export function silenceProved(previous: AuditResult, rules: readonly Pick<Rule, 'id' | 'needs' | 'wants'>[]): (rule: string) => boolean {
  const proved = silenceProves(previous, rules)
  const assessed = new Set([...previous.rules.passed, ...previous.rules.failed])
  return (rule) => proved(rule) || !assessed.has(rule)
}
