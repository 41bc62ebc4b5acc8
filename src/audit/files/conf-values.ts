import { didYouMean, nearest, safeText } from '../../core/text.js'
import type { Directive } from './conf-file.js'
import { isDirective, KNOWN_DIRECTIVES } from './directives.js'
import { Wrong } from './kinds.js'
import type { FileMistake, Place } from './mistakes.js'
import { canonicalName, PARAMETERS } from './parameters.js'

/** What a file says of the parameters that rules ask for. */
export interface ConfValues {
  /** As CONFIG GET would tell them, by the name that the newest version has. */
  values: Map<string, string>
  /** Where each of them is set, last. */
  places: Map<string, Place>
  mistakes: FileMistake[]
}

/** Directives whose lines add to each other. */
const CLASSES = ['normal', 'slave', 'pubsub']

/** Reads directives over the defaults: of a parameter that stands several times the last holds, except where lines add up. */
export function valuesOf(directives: readonly Directive[], defaults: ReadonlyMap<string, string>): ConfValues {
  const found: ConfValues = { values: new Map(defaults), places: new Map(), mistakes: [] }
  for (const directive of directives) {
    const name = canonicalName(directive.name)
    if (name !== undefined) set(name, directive, found)
    else if (!isDirective(directive.name)) found.mistakes.push(unknown(directive))
  }
  return found
}

function set(name: string, { args, at, name: written }: Directive, found: ConfValues): void {
  try {
    const value = PARAMETERS.get(name)!.kind(args)
    found.values.set(name, safeText(joined(name, value, found)))
    found.places.set(name, at)
  } catch (error) {
    if (!(error instanceof Wrong)) throw error
    found.mistakes.push({ at, field: written, message: error.message })
  }
}

/** The first `save` replaces the defaults, the others add to it, an empty one begins anew; limits replace those of their class. */
function joined(name: string, value: string, { values, places }: ConfValues): string {
  const before = values.get(name) ?? ''
  if (name === 'save') return value === '' || before === '' || !places.has(name) ? value : `${before} ${value}`
  if (name !== 'client-output-buffer-limit') return value
  const limits = new Map([...quadruples(before), ...quadruples(value)])
  return CLASSES.flatMap((each) => limits.get(each) ?? []).join(' ')
}

function quadruples(limits: string): [string, string][] {
  const words = limits.split(' ')
  return Array.from({ length: words.length / 4 }, (_, i) => [words[4 * i]!, words.slice(4 * i, 4 * i + 4).join(' ')])
}

/** What is no directive is not repeated: it may be half of a line that was broken in two, and that half a password. */
function unknown({ name, at }: Directive): FileMistake {
  const near = nearest(name, KNOWN_DIRECTIVES)
  const field = near === undefined ? '' : safeText(name)
  return { at, field, message: `no such directive${near === undefined ? '' : didYouMean(name, [near])}` }
}
