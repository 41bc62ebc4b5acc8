import type { z } from 'zod'
import { didYouMean, quote } from '../core/text.js'
import { valueAt } from './paths.js'
import { fieldNamesAt, schemaAt } from './schema-path.js'

/** A mistake in a document by its path; `offset` goes into the text of the value. */
export interface PathMistake {
  path: PropertyKey[]
  at: 'key' | 'value'
  offset?: number
  message: string
}

/** A mistake of a field, rather than of its value. */
export function onKey(path: PropertyKey[], message: string): PathMistake {
  return { path, at: 'key', message }
}

type Issue = z.core.$ZodIssue

/** How a message begins that the schema did not choose itself. */
const ZOD_MESSAGE = /^Invalid (input|option)/

/** What zod found wrong with `input`, said in the words of the file's author. */
export function tellIssues(issues: readonly Issue[], schema: z.ZodType, input: unknown): PathMistake[] {
  return issues.flatMap((issue) => tellIssue(issue, schema, input))
}

function tellIssue(issue: Issue, schema: z.ZodType, input: unknown): PathMistake[] {
  const value = valueAt(input, issue.path)
  const tell = (message: string, offset?: number): PathMistake[] => [
    { path: issue.path, at: 'value', message, ...(offset !== undefined && { offset }) },
  ]
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...issue.path, key],
        at: 'key',
        message: `unknown field${didYouMean(key, fieldNamesAt(schema, issue.path))}`,
      }))
    case 'invalid_key':
      return [
        ...issue.issues.map((inner): PathMistake => ({
          path: issue.path,
          at: 'key',
          message: inner.message,
          offset: offsetOf(inner) ?? 0,
        })),
        ...tellBehindKey(issue.path, schema, input),
      ]
    case 'invalid_union':
      return tellUnion(issue, schema, input)
    case 'invalid_type':
    case 'invalid_value':
      if (value === undefined) return tell(missing(schema, issue.path))
      return tell(ZOD_MESSAGE.test(issue.message) ? wrongValue(expectations(issue), value) : issue.message)
    case 'too_small':
      return tell(tooSmall(issue))
    case 'too_big':
      return tell(issue.origin === 'int' ? 'too large a number' : `must be ${issue.maximum} or less`)
    case 'custom':
      return tell(issue.message, offsetOf(issue))
    case 'invalid_format':
    case 'not_multiple_of':
    case 'invalid_element':
      return tell(issue.message)
  }
  return tell(String(issue))
}

/** zod does not look at the value when a record's key is wrong. */
function tellBehindKey(path: PropertyKey[], schema: z.ZodType, input: unknown): PathMistake[] {
  const parsed = schemaAt(schema, path)?.safeParse(valueAt(input, path))
  return parsed === undefined || parsed.success ? [] : tellIssues(below(path, parsed.error.issues), schema, input)
}

function below(path: PropertyKey[], issues: readonly Issue[]): Issue[] {
  return issues.map((inner) => ({ ...inner, path: [...path, ...inner.path] }))
}

/**
 * A union's mistake is told by the alternative that was meant: the one whose type the value has. When it has the type
 * of none, by what all of them expect.
 */
function tellUnion(issue: z.core.$ZodIssueInvalidUnion, schema: z.ZodType, input: unknown): PathMistake[] {
  const value = valueAt(input, issue.path)
  if (value === undefined) return [{ path: issue.path, at: 'value', message: missing(schema, issue.path) }]
  const meant = issue.errors.find((issues) => !issues.some(isOfAnotherType))
  if (meant === undefined) {
    const expected = issue.errors.flatMap((issues) => issues.filter(isOfAnotherType).flatMap(expectations))
    return [{ path: issue.path, at: 'value', message: wrongValue(expected, value) }]
  }
  return tellIssues(below(issue.path, meant), schema, input)
}

function isOfAnotherType(issue: Issue): boolean {
  return issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
}

const TYPE_NAMES: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a map of fields',
  record: 'a map of fields',
}

/** What an issue says should have stood there. */
function expectations(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  return issue.code === 'invalid_type' ? [TYPE_NAMES[issue.expected] ?? issue.expected] : []
}

function wrongValue(expected: string[], value: unknown): string {
  const guess = typeof value === 'string' ? didYouMean(value, expected) : ''
  const hint = expected.includes('text') && (typeof value === 'number' || typeof value === 'boolean') ? '; put it in quotes' : ''
  return `expected ${listed(expected)}, got ${describe(value)}${guess}${hint}`
}

function listed(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

function describe(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map of fields'
  return typeof value === 'string' ? quote(value) : JSON.stringify(value)
}

function missing(schema: z.ZodType, path: PropertyKey[]): string {
  const description = schemaAt(schema, path)?.description
  return description === undefined ? 'missing' : `missing; ${description}`
}

function tooSmall(issue: z.core.$ZodIssueTooSmall): string {
  if (issue.origin === 'string' || issue.origin === 'array') return 'must not be empty'
  return `must be ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}`
}

function offsetOf(issue: Issue): number | undefined {
  const offset: unknown = issue.code === 'custom' ? issue.params?.['offset'] : undefined
  return typeof offset === 'number' ? offset : undefined
}
