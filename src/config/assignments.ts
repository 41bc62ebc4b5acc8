import type { z } from 'zod'
import { scenarioFileSchema } from '../schema/scenario.js'
import { tellIssues } from './issues.js'
import type { Scalar } from './matrix.js'
import { fieldAt, schemaAt } from './schema-path.js'

/** `load.duration=2s`, read. */
export interface Assignment {
  path: string[]
  value: Scalar
}

/** What one run may change of a scenario. */
const settableSchema = scenarioFileSchema.pick({
  load: true,
  loads: true,
  network: true,
  workload: true,
  params: true,
  vars: true,
  dataset: true,
  reload: true,
  server: true,
})

/** Reads `path=value` as `--set` takes it, the value by the type of its field; or says what is wrong with it. */
export function readAssignment(text: string): Assignment | { message: string } {
  const [path, value] = splitAssignment(text)
  if (value === undefined) return { message: 'write it as load.duration=2s' }
  const root = path[0]!
  if (root === 'rounds') return { message: 'use --rounds' }
  if (schemaAt(settableSchema, [root]) === undefined && schemaAt(scenarioFileSchema, [root]) !== undefined) {
    return { message: `not for one run to change; there are ${Object.keys(settableSchema.shape).join(', ')}` }
  }
  const found = fieldAt(settableSchema, path)
  if ('message' in found) return found
  const read = readValue(found.field, value)
  return 'message' in read ? read : { path, value: read.value }
}

/** The value that `text` stands for in a field: a number or true and false where the field takes them, else the text itself. */
export function readValue(field: z.ZodType, text: string): { value: Scalar } | { message: string } {
  const readings: Scalar[] = [text]
  if (text === 'true' || text === 'false') readings.unshift(text === 'true')
  if (/^-?\d+(\.\d+)?(e\d+)?$/i.test(text)) readings.unshift(Number(text))
  const refusals: { message: string; meant: boolean }[] = []
  for (const value of readings) {
    const parsed = field.safeParse(value)
    if (parsed.success) return { value }
    const { issues } = parsed.error
    refusals.push({ message: tellIssues(issues, field, value)[0]!.message, meant: issues.every(({ code }) => code !== 'invalid_type') })
  }
  // A reading of the wrong type was not meant, unless there is no other.
  return { message: (refusals.find(({ meant }) => meant) ?? refusals[0]!).message }
}

function splitAssignment(text: string): [path: string[], value: string | undefined] {
  const equals = text.indexOf('=')
  if (equals < 1) return [[text], undefined]
  const path = text
    .slice(0, equals)
    .trim()
    .replaceAll(/\[(\d+)\]/g, '.$1')
  return [path.split('.'), text.slice(equals + 1).trim()]
}
