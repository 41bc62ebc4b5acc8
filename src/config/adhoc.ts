import { messageOf } from '../core/errors.js'
import { parseCommandLine, TemplateError } from '../core/template.js'
import { loadFields, scenarioFileSchema } from '../schema/scenario.js'
import type { ScenarioPlan } from '../schema/scenario.js'
import { readValue } from './assignments.js'
import { findContradictions } from './consistency.js'
import type { Scalar } from './matrix.js'
import { inputErrorOf } from '../core/mistakes.js'
import type { Mistake } from '../core/mistakes.js'
import { fieldText } from './paths.js'
import { resolveScenario } from './resolve.js'

/** A field of a load that the command line may give; the executor follows from the rate. */
export type LoadField = Exclude<keyof typeof loadFields, 'executor'>

/** `redline run --command 'GET {key}' --connections 50`, with the values as they stand there. */
export interface AdHoc {
  commands: readonly string[]
  fields: Partial<Record<LoadField, string | undefined>>
  /** One by default. */
  rounds?: number | undefined
}

/** Id of the scenario and of its only variant. */
const AD_HOC = 'ad-hoc'

/**
 * The plan of a run without a scenario file: one variant and one load, which claims nothing. A rate makes it open. Throws one InputError
 * that tells all mistakes by the names of their options.
 */
export function planAdHoc({ commands, fields, rounds = 1 }: AdHoc): ScenarioPlan {
  const mistakes = commands.flatMap(mistakeInCommand)
  if (commands.length === 0) mistakes.push({ field: '--command', message: 'give at least one' })
  const load: Record<string, Scalar> = fields.rate === undefined ? {} : { executor: 'open' }
  for (const [name, text] of Object.entries(fields)) {
    if (text === undefined || !isLoadField(name)) continue
    const read = readValue(loadFields[name], text)
    if ('message' in read) mistakes.push({ field: `--${name}`, message: read.message })
    load[name] = 'message' in read ? text : read.value
  }
  const written = { name: AD_HOC, claim: 'none', variants: { [AD_HOC]: { load, commands } } }
  for (const { path, message } of findContradictions(written)) mistakes.push({ field: optionOf(path), message })
  if (mistakes.length > 0) throw inputErrorOf('the command line', mistakes)
  return { ...resolveScenario(scenarioFileSchema.parse(written), { rounds }), claim: '' }
}

function isLoadField(name: string): name is LoadField {
  return name !== 'executor' && Object.hasOwn(loadFields, name)
}

function mistakeInCommand(line: string): Mistake[] {
  try {
    parseCommandLine(line, 'command')
    return []
  } catch (error) {
    const at = error instanceof TemplateError && error.offset > 0 ? ` at ${error.offset + 1}` : ''
    return [{ field: `--command${at}`, message: messageOf(error) }]
  }
}

/** `--count` of `variants.ad-hoc.load.count`. */
function optionOf(path: readonly PropertyKey[]): string {
  if (path.includes('commands')) return '--command'
  const name = fieldText(path.slice(-1))
  return name === AD_HOC ? '--command' : `--${name}`
}
