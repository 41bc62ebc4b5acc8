import type { z } from 'zod'
import { InputError, messageOf } from '../core/errors.js'
import { quote, safeText } from '../core/text.js'
import { jsonMistakeAt } from './json-mistake.js'

/** A kind of document that redline writes and reads. */
export interface DocumentKind<T> {
  /** Its `schema` field is `redline/<name>@<version>`, and this is the version that is read. */
  schema: `redline/${string}@${number}`
  /** What a document is: `the result of a run`. */
  what: string
  /** What to name instead of a file that is none. */
  hint: string
  type: z.ZodType<T>
  /** What the type can't say. */
  contradictions?: (document: T) => string[]
}

/**
 * The document that a file holds; `name` is the file as the user knows it. Throws InputError, which says what is wrong with the file
 * and where.
 */
export function parseDocument<T>(text: string, name: string, kind: DocumentKind<T>): T {
  const file = safeText(name)
  return checkDocument(parseJson(text, file, kind.hint), file, kind)
}

/** The same of JSON that has been read already; `file` is safe to print. Throws InputError. */
export function checkDocument<T>(document: unknown, file: string, kind: DocumentKind<T>): T {
  requireKind(document, file, kind)
  const parsed = kind.type.safeParse(document, { reportInput: true })
  const mistakes = parsed.success ? (kind.contradictions?.(parsed.data) ?? []) : parsed.error.issues.flatMap(tellIssue)
  if (!parsed.success || mistakes.length > 0) throw new InputError(listMistakes(file, mistakes), { hint: kind.hint })
  return parsed.data
}

/** Beyond this many, a list of mistakes is noise. */
const MOST_SHOWN = 10

/** What the JSON of a file holds; `file` is safe to print. Throws InputError, which tells a file that was cut short from one that is wrong. */
export function parseJson(text: string, file: string, whatToName: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    if (text.trim() === '') throw new InputError(`${file} is empty`, { hint: whatToName, cause: error })
    const offset = jsonMistakeAt(text)
    if (offset === undefined) throw new InputError(`${file} can not be read: ${messageOf(error)}`, { cause: error })
    const where = positionOf(offset, text)
    if (offset < text.length) {
      const found = quote(String.fromCodePoint(text.codePointAt(offset)!))
      throw new InputError(`${file} is not JSON: ${found} at ${where} is out of place`, { hint: whatToName, cause: error })
    }
    const hint = 'the file was not written or copied to its end: copy it again, or run again'
    throw new InputError(`${file} is cut short: it ends at ${where}, before its JSON does`, { hint, cause: error })
  }
}

/** `line:column`, both from 1. */
function positionOf(offset: number, text: string): string {
  const before = text.slice(0, offset).split('\n')
  return `${before.length}:${before.at(-1)!.length + 1}`
}

/** Throws InputError unless a document says that it is of a kind, and of the version that this redline reads. */
function requireKind(
  document: unknown,
  file: string,
  { schema: supported, what, hint }: Pick<DocumentKind<unknown>, 'schema' | 'what' | 'hint'>,
): void {
  const schema = schemaOf(document)
  if (schema === supported) return
  const [kind, newest] = supported.split('@')
  const version = schema?.startsWith(`${kind}@`) ? /^\d+$/.exec(schema.slice(kind!.length + 1))?.[0] : undefined
  if (schema === undefined || version === undefined) return refuseKind(schema, file, { schema: supported, what, hint })
  throw new InputError(`${file} holds ${quote(schema)}, and this redline reads ${supported}`, {
    hint: Number(version) > Number(newest) ? 'it was written by a newer redline: upgrade redline' : hint,
  })
}

/** Throws InputError for a document that says that it is something else, or says nothing. */
export function refuseKind(schema: string | undefined, file: string, wanted: { schema?: string; what: string; hint: string }): never {
  const { what, hint } = wanted
  if (schema !== undefined) throw new InputError(`${file} holds ${quote(schema)}, and not ${what}`, { hint })
  const expected = wanted.schema === undefined ? 'it says nothing of a schema' : `it has no schema "${wanted.schema}"`
  throw new InputError(`${file} is not a result of redline: ${expected}`, { hint })
}

/** What a document says that it is, in its `schema` field; undefined when it says nothing. */
export function schemaOf(document: unknown): string | undefined {
  if (typeof document !== 'object' || document === null || !('schema' in document)) return undefined
  return typeof document.schema === 'string' ? document.schema : undefined
}

type Issue = z.core.$ZodIssue

function tellIssue(issue: Issue): string[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => `${pathText([...issue.path, key])}: unknown field`)
  return [`${pathText(issue.path)}: ${issue.input === undefined ? 'missing' : complaint(issue)}`]
}

function complaint(issue: Issue): string {
  if (issue.code === 'invalid_union') {
    const types = issue.errors.flat().flatMap((inner) => (inner.code === 'invalid_type' ? inner.expected : []))
    return `expected ${types.join(' or ')}`
  }
  const told = issue.message.replace(/^Invalid (input|option): /, '')
  return told.charAt(0).toLowerCase() + told.slice(1)
}

/** `scenarios[0].variants[1].rounds[2].server.commands["config|get"].calls`. */
function pathText(path: readonly PropertyKey[]): string {
  return path.map(stepText).join('').replace(/^\./, '')
}

function stepText(step: PropertyKey): string {
  if (typeof step === 'number') return `[${step}]`
  const key = String(step)
  return /^\w{1,40}$/.test(key) ? `.${key}` : `[${quote(key)}]`
}

function listMistakes(file: string, mistakes: readonly string[]): string {
  const shown = mistakes.slice(0, MOST_SHOWN).map((mistake) => `  ${mistake}`)
  if (mistakes.length > MOST_SHOWN) shown.push(`  and ${mistakes.length - MOST_SHOWN} more`)
  return [`${file} has ${mistakes.length} ${mistakes.length === 1 ? 'mistake' : 'mistakes'}`, ...shown].join('\n')
}
