import { EXIT, type ExitCode } from '../../core/errors.js'
import { safeText } from '../../core/text.js'
import { DEFAULT_LIMIT } from '../../gate/compare-runs.js'
import { changesOf } from '../../gate/history.js'
import { changeText } from '../../report/gate/words.js'
import type { Change } from '../../schema/gate.js'
import { paint, type Style } from '../../report/style.js'
import { wrap } from '../../report/wrap.js'
import { addToHistories, readHistories } from '../histories.js'
import type { HistoryCliOptions } from '../options.js'
import { readRecords } from '../results.js'
import { styleFor, type World } from '../world.js'

/** `redline history add`: appends runs to the histories of their machines. Throws InputError. */
export async function addHistoryCommand(paths: readonly string[], options: HistoryCliOptions, world: World): Promise<ExitCode> {
  const files = await addToHistories(await readRecords(paths, options.label, world), options.folder, world)
  for (const { file, records } of files)
    world.stdout.write(`${safeText(file)}: ${records.length} ${records.length === 1 ? 'run' : 'runs'}\n`)
  return EXIT.ok
}

/** `redline history list`: where the histories changed. Throws InputError. */
export async function listHistoryCommand(options: HistoryCliOptions, world: World): Promise<ExitCode> {
  const histories = await readHistories(options.folder, world)
  const all = histories.map(({ file, records }) => ({ file, runs: records.length, changes: changesOf(records, DEFAULT_LIMIT) }))
  if (options.json) {
    world.stdout.write(`${JSON.stringify(all, null, 2)}\n`)
    return EXIT.ok
  }
  if (all.length === 0) world.stderr.write(`no history below ${safeText(options.folder)}: redline history add <result> begins one\n`)
  const style = styleFor(world.stdout, world.env)
  for (const { file, runs, changes } of all) {
    const lines = changes.length === 0 ? ['  no change'] : changes.flatMap((change) => changeLines(change, style))
    world.stdout.write(`${safeText(file)}: ${runs} ${runs === 1 ? 'run' : 'runs'}\n${lines.join('\n')}\n`)
  }
  return EXIT.ok
}

const TONES = { better: 'good', worse: 'bad', same: 'dim' } as const

function changeLines(change: Change, style: Style): string[] {
  const label = change.verdict === 'same' ? 'small' : change.verdict
  const [first = '', ...more] = wrap(changeText(change, style), style.width - 10)
  return [
    `  ${paint(label, TONES[change.verdict], style)}${' '.repeat(8 - label.length)}${first}`,
    ...more.map((line) => `          ${line}`),
  ]
}
