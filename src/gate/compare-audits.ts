import { silenceProved, silenceProves } from '../audit/policy/silence.js'
import { compareSince } from '../audit/policy/since.js'
import type { Rule } from '../audit/rule.js'
import { EXIT, type ExitCode } from '../core/errors.js'
import type { AuditResult } from '../schema/audit.js'
import type { ComparedAudits, Difference } from '../schema/compare.js'

export interface NamedAudit {
  name: string
  audit: AuditResult
}

/** What changed from one audit to a later one: findings that came and went, as far as both looked, and growth beyond chance. */
export function compareAudits(
  base: NamedAudit,
  head: NamedAudit,
  rules: readonly Pick<Rule, 'id' | 'needs' | 'wants'>[],
  version: string,
): ComparedAudits {
  return {
    schema: 'redline/compare@1',
    kind: 'audits',
    tool: { name: 'redis-redline', version },
    base: { name: base.name, startedAt: base.audit.startedAt },
    head: { name: head.name, startedAt: head.audit.startedAt },
    differences: differences(base.audit, head.audit),
    complete: [base, head].every(({ audit }) => audit.coverage.complete && audit.failure === null && !audit.interrupted),
    since: compareSince(base.audit, head.audit, silenceProves(head.audit, rules), silenceProved(base.audit, rules)),
  }
}

/** 1 when something was found that was not there before, 3 when an audit did not see all that it was to see, else 0. */
export function exitCodeOfComparedAudits({ since, complete }: ComparedAudits): ExitCode {
  if (since.added.length > 0) return EXIT.failed
  return complete ? EXIT.ok : EXIT.invalid
}

function differences(base: AuditResult, head: AuditResult): Difference[] {
  const facts: [string, (audit: AuditResult) => string][] = [
    ['target', ({ target }) => target.name],
    ['topology', ({ target }) => target.topology],
    ['names', ({ redacted }) => (redacted ? 'redacted' : 'shown')],
  ]
  return facts.flatMap(([what, of]) => {
    const [before, after] = [of(base), of(head)]
    return before === after ? [] : [{ what, scenario: null, base: before, head: after, unlike: true }]
  })
}
