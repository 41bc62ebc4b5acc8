import { z } from 'zod'
import { auditResultSchema } from './audit.js'
import { baselineSchema } from './baseline.js'
import { projectFileSchema } from './project.js'
import { runResultSchema } from './result.js'
import { scenarioFileSchema } from './scenario.js'

/**
 * The JSON Schemas that redline emits, by file name: draft 7, which editors know best. They hold the structure; what needs
 * more than one field, or a parser, only redline itself checks.
 */
export function jsonSchemas(): Record<string, object> {
  return {
    'audit.schema.json': { title: 'redline audit result', ...z.toJSONSchema(auditResultSchema, { target: 'draft-7', io: 'output' }) },
    'baseline.schema.json': { title: 'redline baseline', ...z.toJSONSchema(baselineSchema, { target: 'draft-7', io: 'input' }) },
    'project.schema.json': { title: 'redline.config.yaml', ...z.toJSONSchema(projectFileSchema, { target: 'draft-7', io: 'input' }) },
    'scenario.schema.json': { title: 'redline scenario', ...z.toJSONSchema(scenarioFileSchema, { target: 'draft-7', io: 'input' }) },
    'run.schema.json': { title: 'redline run result', ...z.toJSONSchema(runResultSchema, { target: 'draft-7', io: 'output' }) },
  }
}

/** A JSON Schema as its file holds it. */
export function jsonSchemaText(schema: object): string {
  return `${JSON.stringify(schema, null, 2)}\n`
}
