import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { InputError, messageOf } from '../core/errors.js'
import { groupBy } from '../core/group.js'
import { quote } from '../core/text.js'
import { historyRecord, historyText, withRecords } from '../gate/history.js'
import type { HistoryRecord } from '../schema/history.js'
import { parseHistory } from '../schema/read-history.js'
import type { RunRecord } from '../schema/run-record.js'
import { writeReport } from './baselines.js'
import type { World } from './world.js'

/** A history with its file as messages show it. */
export interface HistoryFile {
  file: string
  records: HistoryRecord[]
}

/** All histories in a folder. Throws InputError when one has mistakes. */
export async function readHistories(folder: string, world: World): Promise<HistoryFile[]> {
  const names = await readdir(resolve(world.cwd, folder)).catch((): string[] => [])
  const files = names.filter((name) => name.endsWith('.jsonl')).toSorted()
  return Promise.all(files.map((name) => readHistory(join(folder, name), world)))
}

async function readHistory(file: string, world: World): Promise<HistoryFile> {
  try {
    return { file, records: parseHistory(await readFile(resolve(world.cwd, file), 'utf8'), file) }
  } catch (error) {
    if (error instanceof InputError) throw error
    const isNew = error instanceof Error && 'code' in error && error.code === 'ENOENT'
    if (isNew) return { file, records: [] }
    throw new InputError(`${quote(file)} can not be read: ${messageOf(error)}`, { cause: error })
  }
}

/** Adds runs to the histories of their machines, and returns these as they are now. Throws InputError. */
export async function addToHistories(runs: readonly RunRecord[], folder: string, world: World): Promise<HistoryFile[]> {
  const added: HistoryFile[] = []
  for (const [machine, records] of groupBy(runs.map(historyRecord), (record) => record.machine)) {
    const before = await readHistory(join(folder, `${machine}.jsonl`), world)
    const history = withRecords(before.records, records)
    await writeReport(before.file, historyText(history), world)
    added.push({ file: before.file, records: history })
  }
  return added
}
