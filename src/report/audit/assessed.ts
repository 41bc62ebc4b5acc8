import { groupBy } from '../../core/group.js'
import type { AuditResult } from '../../schema/audit.js'
import { paint, type Style } from '../style.js'
import { beside, counted, shown } from '../words.js'

/** Rules that could not be assessed, by the reason; a group of rules by its name where it is whole. */
export function notAssessedLines({ rules }: Pick<AuditResult, 'rules'>, style: Style): string[] {
  if (rules.notAssessed.length === 0) return []
  const whole = groupsOf(Object.values(rules).flatMap((list) => list.map((item) => (typeof item === 'string' ? item : item.rule))))
  const byReason = groupBy(rules.notAssessed, ({ why }) => why)
  const lines = [...byReason].flatMap(([why, same]) => {
    const names = namesOf(
      same.map(({ rule }) => rule),
      whole,
    )
    return beside('', INDENT, `${shown(names.join(', '), style)}: ${shown(why, style)}`, style)
  })
  const count = counted(new Set(rules.notAssessed.map(({ rule }) => rule)).size, 'rule')
  return [`${paint('not assessed', 'doubtful', style)}  ${paint(count, 'dim', style)}`, ...lines]
}

const INDENT = 9

/** The ids of rules by their group. */
function groupsOf(rules: readonly string[]): Map<string, Set<string>> {
  return new Map([...groupBy(rules, groupOf)].map(([group, ids]) => [group, new Set(ids)]))
}

function groupOf(rule: string): string {
  return rule.split('/')[0]!
}

function namesOf(rules: readonly string[], whole: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  return [...groupBy(rules, groupOf)].flatMap(([group, ids]) => {
    const all = whole.get(group)!.size
    return all > 1 && new Set(ids).size === all ? [`${group}/*`] : ids
  })
}
