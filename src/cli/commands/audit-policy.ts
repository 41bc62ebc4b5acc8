import { InputError } from '../../core/errors.js'
import { didYouMean, quote } from '../../core/text.js'
import { parseMaxImpact } from '../../audit/budget/budget.js'
import { type Policy, resolvePolicy } from '../../audit/policy/policy.js'
import type { Rule } from '../../audit/rule.js'
import { loadRules } from '../../audit/rules/registry.js'
import { loadProjectFile } from '../../config/project-file.js'
import { SEVERITIES, type Severity } from '../../schema/audit.js'
import type { ProjectFile } from '../../schema/project.js'
import type { AuditCliOptions } from '../options.js'
import type { World } from '../world.js'

/** What redline.config.yaml and the command line say of rules, and all rules there are. */
export interface Judgement {
  policy: Policy
  rules: readonly Rule[]
  file: ProjectFile | undefined
}

/** Reads the project's file and the rules. Throws InputError for mistakes in the file or the options. */
export async function judgementOf(options: AuditCliOptions, world: World): Promise<Judgement> {
  const rules = await loadRules()
  const file = await loadProjectFile(options.config, world.cwd, () => Promise.resolve({ rules, maxImpact: parseMaxImpact }))
  const failOn = options.failOn === undefined ? undefined : severityOf(options.failOn)
  return { policy: resolvePolicy(rules, file, { rules: options.rule, failOn }), rules, file }
}

function severityOf(text: string): Severity {
  const severity = SEVERITIES.find((name) => name === text)
  if (severity === undefined)
    throw new InputError(`--fail-on ${quote(text)} is no severity${didYouMean(text, SEVERITIES)}`, {
      hint: `there are ${SEVERITIES.join(', ')}`,
    })
  return severity
}
