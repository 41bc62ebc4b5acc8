import { z } from 'zod'
import { auditResultSchema } from './audit.js'
import { baselineSchema } from './baseline.js'
import { compareResultSchema } from './compare.js'
import { doctorSchema } from './doctor.js'
import { gateDocumentSchema } from './gate.js'
import { historyRecordSchema } from './history.js'
import { projectFileSchema, ruleSettingSchema } from './project.js'
import { runResultSchema } from './result.js'
import { runBaselineSchema } from './run-record.js'
import { scenarioFileSchema } from './scenario.js'

/** A rule, as far as whoever writes settings of it needs to know. */
export interface DescribedRule {
  id: string
  summary: string
  options: z.ZodObject
}

/**
 * The JSON Schemas that redline emits, by file name: draft 7, which editors know best. They hold the structure; what needs
 * more than one field, or a parser, only redline itself checks. That of project files names the `rules` and their options.
 */
export function jsonSchemas(rules: readonly DescribedRule[]): Record<string, object> {
  const schema = (title: string, type: z.ZodType, io: 'input' | 'output', reused: 'inline' | 'ref' = 'inline') => ({
    title,
    ...z.toJSONSchema(type, { target: 'draft-7', io, reused }),
  })
  return {
    'audit.schema.json': schema('redline audit result', auditResultSchema, 'output'),
    'baseline.schema.json': schema('redline baseline', baselineSchema, 'input'),
    'compare.schema.json': schema('redline compare result', compareResultSchema, 'output'),
    'doctor.schema.json': schema('redline doctor result', doctorSchema, 'output'),
    'gate.schema.json': schema('redline gate result', gateDocumentSchema, 'output'),
    'history.schema.json': schema('redline history', historyRecordSchema, 'output'),
    'project.schema.json': schema('redline.config.yaml', projectFileWith(rules), 'input', 'ref'),
    'run.schema.json': schema('redline run result', runResultSchema, 'output'),
    'run-baseline.schema.json': schema('redline baseline of runs', runBaselineSchema, 'output'),
    'scenario.schema.json': schema('redline scenario', scenarioFileSchema, 'input'),
  }
}

/** The schema of project files in which only these rules can be set, each with its own options, so that an editor completes them. */
function projectFileWith(rules: readonly DescribedRule[]): z.ZodType {
  const [off, severity, map] = ruleSettingSchema.options
  const settings = rules.map(({ id, summary, options }) => {
    const own = z.strictObject({ ...map.shape, ...options.shape })
    return [id, z.union([off, severity, own]).optional().describe(summary)] as const
  })
  const several = z.union([off, severity, z.strictObject(map.shape)]).optional()
  const groups = ['*', ...new Set(rules.map(({ id }) => `${id.split('/')[0]}/*`))].map((name) => [name, several] as const)
  const known = z.strictObject(Object.fromEntries([...groups, ...settings]))
  return projectFileSchema.extend({ rules: known.optional().describe('by id, group/* or *; the narrower one counts') })
}

/** A JSON Schema as its file holds it. */
export function jsonSchemaText(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`
}
