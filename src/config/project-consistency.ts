import { z } from 'zod'
import { InputError } from '../core/errors.js'
import { didYouMean, quote } from '../core/text.js'
import { onKey, tellIssues } from './issues.js'
import type { PathMistake } from './issues.js'
import { treeOf } from './paths.js'
import type { Tree } from './paths.js'
import { readThreshold } from './thresholds.js'

/** What a project file is held against, which the folders that stand above this one know. */
export interface KnownToProject {
  rules: readonly { id: string; options: z.ZodObject }[]
  /** Reads what `max_impact` says. Throws InputError when that says nothing. */
  maxImpact: (text: string) => unknown
}

/** What each rule takes as options, by its id. */
type RuleOptions = ReadonlyMap<string, z.ZodObject>

/** What the schema can't say about a project file: which rules there are, what options they take, that no pattern is declared twice, and what thresholds say. */
export function findProjectMistakes(file: unknown, known: KnownToProject): PathMistake[] {
  const project = treeOf(file)
  const rules = new Map(known.rules.map(({ id, options }) => [id, options]))
  return [
    ...checkSettings(treeOf(project['rules']), rules),
    ...listOf(project['suppressions']).flatMap((one, index) => checkSelector(treeOf(one)['rule'], ['suppressions', index, 'rule'], rules)),
    ...listOf(project['require']).flatMap((one, index) => checkSelector(one, ['require', index], rules)),
    ...checkContracts(listOf(project['contracts'])),
    ...checkImpact(project['max_impact'], known.maxImpact),
    ...listOf(project['gate']).flatMap(checkThreshold),
  ]
}

function checkImpact(impact: unknown, parse: KnownToProject['maxImpact']): PathMistake[] {
  if (typeof impact !== 'string') return []
  try {
    parse(impact)
    return []
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return [{ path: ['max_impact'], at: 'value', message: error.message }]
  }
}

function checkThreshold(expression: unknown, index: number): PathMistake[] {
  const read = typeof expression === 'string' ? readThreshold(expression) : undefined
  if (read === undefined || !('mistakes' in read)) return []
  return read.mistakes.map(({ offset, message }) => ({ path: ['gate', index], at: 'value', offset, message }))
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function checkSelector(selector: unknown, path: PropertyKey[], rules: RuleOptions): PathMistake[] {
  if (typeof selector !== 'string') return []
  const message = unknownRule(selector, rules)
  return message === undefined ? [] : [{ path, at: 'value', message }]
}

/** Why a selector names no rule; undefined when it names one or more. */
function unknownRule(selector: string, rules: RuleOptions): string | undefined {
  const groups = [...new Set([...rules.keys()].map((id) => `${id.split('/')[0]}/*`))]
  if (selector === '*' || rules.has(selector) || groups.includes(selector)) return undefined
  const group = groups.find((name) => name.startsWith(`${selector}/`))
  if (group !== undefined) return `no rule ${quote(selector)}; for all of the group, write ${group}`
  return `no rule ${quote(selector)}${didYouMean(selector, [...rules.keys(), ...groups])}`
}

function checkSettings(settings: Tree, rules: RuleOptions): PathMistake[] {
  return Object.entries(settings).flatMap(([selector, setting]) => {
    const path = ['rules', selector]
    const unknown = unknownRule(selector, rules)
    if (unknown !== undefined) return [onKey(path, unknown)]
    const { severity: _severity, patterns: _patterns, ...options } = treeOf(setting)
    const schema = rules.get(selector)
    return schema === undefined ? checkGroup(options, path) : checkOptions(options, schema, path)
  })
}

function checkGroup(options: Tree, path: PropertyKey[]): PathMistake[] {
  return Object.keys(options).map((name) =>
    onKey([...path, name], `several rules take severity and patterns only${didYouMean(name, SHARED)}`),
  )
}

const SHARED = ['severity', 'patterns']

function checkOptions(options: Tree, schema: z.ZodObject, path: PropertyKey[]): PathMistake[] {
  const strict = schema.strict()
  const parsed = strict.safeParse(options)
  if (parsed.success) return []
  // Beside its options, a rule takes what all rules do: a mistyped `severity` is near that.
  const named = strict.safeExtend({ severity: z.unknown(), patterns: z.unknown() })
  return tellIssues(parsed.error.issues, named, options).map((mistake) => ({ ...mistake, path: [...path, ...mistake.path] }))
}

function checkContracts(contracts: readonly unknown[]): PathMistake[] {
  const first = new Map<string, number>()
  return contracts.flatMap((contract, index): PathMistake[] => {
    const { pattern } = treeOf(contract)
    if (typeof pattern !== 'string') return []
    const before = first.get(pattern)
    if (before === undefined) first.set(pattern, index)
    const message = `declared by contracts[${before}] already; the first one counts`
    return before === undefined ? [] : [{ path: ['contracts', index, 'pattern'], at: 'value', message }]
  })
}
