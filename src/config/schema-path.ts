import { z } from 'zod'
import { didYouMean } from '../core/text.js'

/** The schema of the value at `path` below `schema`, or undefined when nothing can stand there. */
export function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  let current: z.ZodType | undefined = unwrap(schema)
  for (const part of path) {
    current = current && childOf(current, part)
    if (current === undefined) return undefined
    current = unwrap(current)
  }
  return current
}

/** The names of the fields that may stand at `path`; none where the schema takes any name or isn't an object. */
export function fieldNamesAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  const object = objectOf(schemaAt(schema, path))
  return object === undefined ? [] : Object.keys(object.shape)
}

/** The schema of the one value that `path` names below `schema`, or why it names none. */
export function fieldAt(schema: z.ZodType, path: readonly string[]): { field: z.ZodType } | { message: string } {
  const depth = path.findIndex((_, index) => schemaAt(schema, path.slice(0, index + 1)) === undefined)
  if (depth >= 0) return { message: `unknown field${guess(schema, path.slice(0, depth), path[depth]!)}` }
  const field = schemaAt(schema, path)!
  const isGroup = field instanceof z.ZodObject || field instanceof z.ZodRecord || field instanceof z.ZodArray
  return isGroup ? { message: 'stands for several values; name one of them' } : { field }
}

function guess(schema: z.ZodType, above: readonly string[], name: string): string {
  const inLoad = above.length === 0 && schemaAt(schema, ['load', name]) !== undefined
  return inLoad ? `; did you mean load.${name}?` : didYouMean(name, fieldNamesAt(schema, above))
}

function unwrap(schema: z.ZodType): z.ZodType {
  let current = schema
  while (current instanceof z.ZodOptional || current instanceof z.ZodDefault) {
    const inner: unknown = current.unwrap()
    if (!(inner instanceof z.ZodType)) break
    current = inner
  }
  return current
}

/** The object that a schema is, or has among its alternatives. */
function objectOf(schema: z.ZodType | undefined): z.ZodObject | undefined {
  if (schema instanceof z.ZodObject) return schema
  if (schema instanceof z.ZodUnion) return schema.options.find((option) => option instanceof z.ZodObject)
  return undefined
}

function childOf(schema: z.ZodType, part: PropertyKey): z.ZodType | undefined {
  const object = objectOf(schema)
  let child: unknown
  if (object !== undefined) child = Object.hasOwn(object.shape, part) ? object.shape[String(part)] : undefined
  else if (schema instanceof z.ZodRecord) child = schema.valueType
  else if (schema instanceof z.ZodArray && /^\d+$/.test(String(part))) child = schema.element
  return child instanceof z.ZodType ? child : undefined
}
