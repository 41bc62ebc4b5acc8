import { InputError } from '../../core/errors.js'
import { didYouMean, quote } from '../../core/text.js'

/** Whether a selector (`ttl/missing`, `ttl/*`, `*`) names a rule. */
export function selects(selector: string, rule: string): boolean {
  return selector === rule || selector === '*' || (selector.endsWith('/*') && rule.startsWith(selector.slice(0, -1)))
}

/** How narrow a selector is: of two that name a rule, the narrower one counts. */
export function narrowness(selector: string): number {
  if (selector === '*') return 0
  return selector.endsWith('/*') ? 1 : 2
}

/** Everything that may stand where a rule is selected. */
export function selectorsOf(rules: Iterable<string>): string[] {
  const ids = [...rules]
  return [...ids, ...new Set(ids.map((id) => `${id.split('/')[0]}/*`)), '*']
}

/** Throws one InputError for all the selectors that name no rule. */
export function requireRules(selectors: readonly string[], rules: readonly string[]): void {
  const unknown = selectors.filter((selector) => !rules.some((rule) => selects(selector, rule)))
  if (unknown.length === 0) return
  const lines = unknown.map((selector) => `no rule ${quote(selector)}${didYouMean(selector, selectorsOf(rules))}`)
  throw new InputError(lines.join('\n'), { hint: '`redline list rules` shows the rules there are' })
}
