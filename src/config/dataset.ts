import { parseTemplate } from '../core/template.js'
import { DATA_TYPES } from '../schema/scenario.js'
import { onKey } from './issues.js'
import type { PathMistake } from './issues.js'
import { treeOf } from './paths.js'
import type { Tree } from './paths.js'

/** What the fields of a dataset's entries say against each other: type, elements, and what the key's name counts with. */
export function checkDataset(dataset: unknown): PathMistake[] {
  return Array.isArray(dataset) ? dataset.flatMap((entry, index) => checkEntry(treeOf(entry), ['dataset', index])) : []
}

function checkEntry(entry: Tree, path: PropertyKey[]): PathMistake[] {
  const types = DATA_TYPES.filter((type) => entry[type] !== undefined)
  const mistakes: PathMistake[] = []
  const onValue = (at: PropertyKey[], message: string) => mistakes.push({ path: at, at: 'value', message })
  if (types.length === 0) onValue(path, `holds nothing; give it one of ${DATA_TYPES.join(', ')}`)
  if (types.length > 1) onValue(path, `holds ${types.join(' and ')}; a key is of one type`)
  if (types[0] === 'string' && entry['size'] !== undefined) mistakes.push(onKey([...path, 'size'], 'a string has no elements'))
  const { count, key } = entry
  if (typeof count === 'number' && count > 1 && countersIn(key)?.includes('i') === false) {
    onValue([...path, 'key'], `names one key ${count} times; put {i} into it`)
  }
  for (const field of ['key', 'string']) {
    if (countersIn(entry[field])?.includes('j')) onValue([...path, field], '{j} counts the elements of a key; use {i}')
  }
  return mistakes
}

/** What a template counts with, or undefined when it is none: of that the schema tells. */
function countersIn(text: unknown): string[] | undefined {
  if (typeof text !== 'string') return undefined
  try {
    return parseTemplate(text, 'dataset').flatMap((part) => (part.kind === 'index' ? [part.of] : []))
  } catch {
    return undefined
  }
}
