import { TemplateError, parseCommandLine } from '../core/template.js'
import { InputError } from '../core/errors.js'
import { didYouMean } from '../core/text.js'
import { substituteVars, varsIn } from '../core/vars.js'
import { onKey } from './issues.js'
import type { PathMistake } from './issues.js'
import { mergeLayers, placeOf } from './layers.js'
import type { Merged } from './layers.js'
import type { VariantLayers } from './merged.js'
import { treeOf } from './paths.js'
import type { Tree } from './paths.js'

/** What was merged, with `{$name}` replaced in the commands of every load and in the params of its workload. */
export function withVars(merged: Merged): Merged {
  const loads = [...merged.loads].map(([name, load]) => [name, replaceIn(load, merged.vars)] as const)
  return { ...merged, loads: new Map(loads) }
}

function replaceIn(load: Tree, vars: Tree): Tree {
  const { commands } = load
  const params = Object.entries(treeOf(load['params'])).map(([name, value]) => [name, replaceInParam(value, vars)] as const)
  return {
    ...load,
    ...(Array.isArray(commands) && { commands: commands.map((command: unknown) => replaceInCommand(command, vars)) }),
    ...(load['params'] !== undefined && { params: Object.fromEntries<unknown>(params) }),
  }
}

function replaceInCommand(command: unknown, vars: Tree): unknown {
  if (typeof command === 'string') return substituteVars(command, vars).text
  const { run } = treeOf(command)
  return typeof run === 'string' ? { ...treeOf(command), run: substituteVars(run, vars).text } : command
}

/** A param that is nothing but a var is its value, a number too; within other text the value is text. */
function replaceInParam(value: unknown, vars: Tree): unknown {
  if (typeof value !== 'string') return value
  const [only] = varsIn(value)
  if (only !== undefined && only.start === 0 && only.end === value.length && Object.hasOwn(vars, only.name)) return vars[only.name]
  return substituteVars(value, vars).text
}

/** Vars that a variant names and nobody gives, commands that are none once their vars are replaced, and vars that nothing uses. */
export function checkVars(variants: readonly VariantLayers[]): PathMistake[] {
  const known = new Set(variants.flatMap(({ layers }) => Object.keys(mergeLayers(layers).vars)))
  const texts = variants.flatMap(textsOf)
  // Where a command is wrong with one value of a var it mostly is with all; the first is told.
  const mistakes = new Map<string, PathMistake[]>()
  for (const text of texts) {
    const place = JSON.stringify(text.path.map(String))
    if ((mistakes.get(place) ?? []).length === 0) mistakes.set(place, checkText(text, known))
  }
  const used = new Set(texts.flatMap(({ written }) => varsIn(written).map(({ name }) => name)))
  return [...[...mistakes.values()].flat(), ...checkUnused(variants, used)]
}

/** A text of a variant that may name vars. */
interface VariedText {
  variant: string
  vars: Tree
  written: string
  path: PropertyKey[]
  isCommand: boolean
}

function textsOf({ variant, layers }: VariantLayers): VariedText[] {
  const { loads, vars } = mergeLayers(layers)
  return [...loads].flatMap(([name, load]) => {
    const at = (field: string): PropertyKey[] => placeOf(layers, name, field) ?? ['variants', variant]
    const commands: unknown[] = Array.isArray(load['commands']) ? load['commands'] : []
    const lines = commands.map((command, index) => {
      const { run } = treeOf(command)
      return { written: run ?? command, path: [...at('commands'), index, ...(run === undefined ? [] : ['run'])], isCommand: true }
    })
    const params = Object.entries(treeOf(load['params'])).map(([param, written]) => ({
      written,
      path: at(`params.${param}`),
      isCommand: false,
    }))
    return [...lines, ...params].flatMap(({ written, ...text }) =>
      typeof written === 'string' ? [{ variant, vars, written, ...text }] : [],
    )
  })
}

function checkText({ variant, vars, written, path, isCommand }: VariedText, known: ReadonlySet<string>): PathMistake[] {
  const references = varsIn(written)
  const missing = references.filter(({ name }) => !Object.hasOwn(vars, name))
  if (missing.length > 0) {
    return missing.map(({ name, start }) => ({ path, at: 'value', offset: start, message: notGiven(name, variant, known) }))
  }
  if (!isCommand || references.length === 0) return []
  const { text, writtenAt } = substituteVars(written, vars)
  try {
    parseCommandLine(text, 'command')
    return []
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    const values = [...new Set(references.map(({ name }) => `{$${name}} is ${String(vars[name])}`))].join(', ')
    const offset = writtenAt(error instanceof TemplateError ? error.offset : 0)
    return [{ path, at: 'value', offset, message: `${error.message} (${values})` }]
  }
}

function notGiven(name: string, variant: string, known: ReadonlySet<string>): string {
  if (known.has(name)) return `no {$${name}} for ${variant}; give it one in its vars`
  const guess = didYouMean(name, known).replace(/(?<= mean )(.*)\?/, '{$$$1}?')
  return `unknown {$${name}}${guess || `; give it a value in vars, or write {{$${name}}} for the text itself`}`
}

function checkUnused(variants: readonly VariantLayers[], used: ReadonlySet<string>): PathMistake[] {
  const places = variants.flatMap(({ layers }) =>
    layers.flatMap(({ tree, place }) =>
      Object.keys(treeOf(tree['vars']))
        .filter((name) => !used.has(name))
        .map((name) => ({ name, path: place(['vars', name]) })),
    ),
  )
  // An axis, rather than each of its values.
  return places.map(({ name, path }) =>
    onKey(path[0] === 'matrix' ? path.slice(0, 2) : path, `nothing uses it; write {$${name}} in a command or a param`),
  )
}

/** `{$name}` in a dataset, which is one for all variants: it would stand there as it is. */
export function checkDatasetVars(dataset: unknown): PathMistake[] {
  const found: PathMistake[] = []
  const visit = (value: unknown, path: PropertyKey[]): void => {
    if (typeof value === 'string') report(value, path, 'value')
    else if (Array.isArray(value)) value.forEach((item, index) => visit(item, [...path, index]))
    else {
      for (const [key, inner] of Object.entries(treeOf(value))) {
        report(key, [...path, key], 'key')
        visit(inner, [...path, key])
      }
    }
  }
  const report = (text: string, path: PropertyKey[], at: PathMistake['at']): void => {
    for (const { name, start } of varsIn(text)) {
      const message = `vars are for commands and params: all variants share the data; write {{$${name}}} for the text itself`
      found.push({ path, at, offset: start, message })
    }
  }
  visit(dataset, ['dataset'])
  return found
}
