import { InputError } from '../core/errors.js'
import { didYouMean, safeText } from '../core/text.js'
import type { Format } from './format.js'

/** Every format by its name, which is also its file's in this folder; loaded when it is asked for. */
const FORMATS: Record<string, () => Promise<{ format: Format }>> = {
  csv: () => import('./csv.js'),
  github: () => import('./github.js'),
  hgrm: () => import('./hgrm.js'),
  html: () => import('./html.js'),
  json: () => import('./json.js'),
  junit: () => import('./junit.js'),
  markdown: () => import('./markdown.js'),
  prometheus: () => import('./prometheus.js'),
  sarif: () => import('./sarif.js'),
  terminal: () => import('./terminal.js'),
}

/** Names of all formats, sorted. */
export const FORMAT_NAMES = Object.keys(FORMATS).toSorted()

/** A format by its name. Throws InputError when there is none. */
export async function findFormat(name: string): Promise<Format> {
  const load = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined
  if (!load)
    throw new InputError(`there is no format ${safeText(name)}${didYouMean(name, FORMAT_NAMES)}`, {
      hint: `there are ${FORMAT_NAMES.join(', ')}`,
    })
  return (await load()).format
}
