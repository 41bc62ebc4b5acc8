import type { RuleHelp } from '../schema/rule-help.js'
import { readRulePage } from './page.js'
import { isRuleId, loadRule } from './rules/registry.js'

/** What there is to know of rules, by their ids; one that this redline does not have (a result of another version names it) is left out. */
export async function readRuleHelp(ids: Iterable<string>): Promise<Map<string, RuleHelp>> {
  const known = [...new Set(ids)].filter(isRuleId)
  const help = await Promise.all(
    known.map(async (id) => {
      const [{ severity, summary }, page] = await Promise.all([loadRule(id), readRulePage(id)])
      return [id, { id, severity, summary, page }] as const
    }),
  )
  return new Map(help)
}
