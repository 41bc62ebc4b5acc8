import { historyRecordSchema, type HistoryRecord } from './history.js'
import { parseDocument } from './read-document.js'

/** The runs that a history holds, a line for each; `name` is the file as the user knows it. Throws InputError, which names the line that is wrong. */
export function parseHistory(text: string, name: string): HistoryRecord[] {
  return text.split('\n').flatMap((line, index) => (line.trim() === '' ? [] : [parseLine(line, `${name}:${index + 1}`)]))
}

function parseLine(line: string, name: string): HistoryRecord {
  return parseDocument(line, name, {
    schema: historyRecordSchema.shape.schema.value,
    what: 'a run of a history',
    hint: 'name a file that `redline history add` wrote; a line that is broken can be removed',
    type: historyRecordSchema,
  })
}
