import type { Severity } from '../../schema/audit.js'
import type { Contract, ProjectFile, RuleSetting, Suppression } from '../../schema/project.js'
import type { RuleWithOptions } from '../evaluate.js'
import type { Rule } from '../rule.js'
import { globMatcher } from '../glob.js'
import { narrowness, requireRules, selects } from './selector.js'

/** Which rules an audit asks, with which options, and how severe it takes what they find. */
export interface Policy {
  /** The least severe finding that fails the audit. */
  failOn: Severity
  /** The rules that are on. */
  rules: RuleWithOptions[]
  /** Ids of those that are off, or were not selected. */
  off: string[]
  /** Ids of those that must be assessed. */
  required: ReadonlySet<string>
  contracts: Contract[]
  suppressions: Suppression[]
  /** How severe a finding is, which its rule takes to be as severe as `own`; or that it is not to be told. */
  severityOf(rule: string, about: string, own: Severity): Severity | 'off'
}

/** What the command line asks for; it counts before the file. */
export interface PolicyChoices {
  /** Ask these rules only, and be sure that they are assessed: ids, `group/*`. One that is named by its id is on, whatever the file says. */
  rules?: readonly string[] | undefined
  failOn?: Severity | undefined
}

/** The policy of all `rules` that a project file, as `loadProjectFile` has checked it, and the command line make. Throws InputError for choices that name no rule. */
export function resolvePolicy(rules: readonly Rule[], file: ProjectFile | undefined, choices: PolicyChoices = {}): Policy {
  const { rules: chosen } = choices
  const ids = rules.map(({ id }) => id)
  requireRules(chosen ?? [], ids)
  const settings = new Map(ids.map((id) => [id, settle(id, file?.rules ?? {})]))
  const isOn = (id: string) => {
    if (chosen?.includes(id)) return true
    return settings.get(id)?.severity !== 'off' && (chosen === undefined || chosen.some((selector) => selects(selector, id)))
  }
  const on = rules.filter(({ id }) => isOn(id))
  const required = [...(file?.require ?? []), ...(chosen ?? [])]
  return {
    failOn: choices.failOn ?? file?.fail_on ?? 'error',
    rules: on.map((rule) => ({ rule, options: rule.options.parse(settings.get(rule.id)?.options ?? {}) })),
    off: ids.filter((id) => !isOn(id)),
    required: new Set(on.map(({ id }) => id).filter((id) => required.some((selector) => selects(selector, id)))),
    contracts: file?.contracts ?? [],
    suppressions: file?.suppressions ?? [],
    severityOf: (rule, about, own) => severityOf(settings.get(rule), about, own),
  }
}

/** What a project file says of one rule. */
interface Settled {
  severity: Severity | 'off' | undefined
  /** Narrowest selector first. */
  patterns: { matches: (about: string) => boolean; severity: Severity | 'off' }[]
  options: Record<string, unknown>
}

function settle(id: string, all: NonNullable<ProjectFile['rules']>): Settled {
  const layers = Object.entries(all)
    .filter(([selector]) => selects(selector, id))
    .toSorted(([a], [b]) => narrowness(b) - narrowness(a))
    .map(([selector, setting]) => ({ selector, ...partsOf(setting) }))
  const own = layers.find(({ selector }) => selector === id)
  const severity = layers.find((layer) => layer.severity !== undefined)?.severity
  return {
    // Whoever writes options for a rule wants it, also where its group is off.
    severity: severity === 'off' && own !== undefined && own.severity === undefined ? undefined : severity,
    patterns: layers.flatMap(({ patterns }) =>
      Object.entries(patterns).map(([glob, exception]) => ({ matches: globMatcher(glob), severity: exception })),
    ),
    options: own?.options ?? {},
  }
}

interface SettingParts {
  severity: Severity | 'off' | undefined
  patterns: Record<string, Severity | 'off'>
  options: Record<string, unknown>
}

function partsOf(setting: RuleSetting): SettingParts {
  if (typeof setting === 'string') return { severity: setting, patterns: {}, options: {} }
  const { severity, patterns = {}, ...options } = setting
  return { severity, patterns, options }
}

function severityOf(settled: Settled | undefined, about: string, own: Severity): Severity | 'off' {
  const exception = settled?.patterns.find(({ matches }) => matches(about))
  if (exception !== undefined) return exception.severity
  return settled?.severity === undefined || settled.severity === 'off' ? own : settled.severity
}
