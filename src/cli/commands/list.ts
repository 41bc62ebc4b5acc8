import { InputError } from '../../core/errors.js'
import { didYouMean, safeText } from '../../core/text.js'
import { loadRules } from '../../audit/rules/registry.js'
import { listShipped, readScenario } from '../../config/discover.js'
import { kindsOf } from '../../report/format.js'
import { findFormat, FORMAT_NAMES } from '../../report/formats.js'
import { METRICS } from '../../schema/metrics.js'
import { findWorkload, WORKLOAD_IDS } from '../../workloads/registry.js'
import { type Column, tableLines, wrappedTableLines } from '../../report/table.js'
import { styleFor, type World } from '../world.js'

interface Entry {
  id: string
  summary: string
  /** Of rules. */
  severity?: string
  /** Of formats: what they can show. */
  of?: string[]
}

const KINDS: Record<string, (world: World) => Promise<Entry[]>> = {
  scenarios: async ({ cwd }) => {
    const files = await Promise.all((await listShipped(cwd)).map(readScenario))
    return files.map(({ name, claim }) => ({ id: name, summary: claim }))
  },
  workloads: () => Promise.all(WORKLOAD_IDS.map(findWorkload)),
  rules: async () => (await loadRules()).map(({ id, severity, summary }) => ({ id, severity, summary })),
  metrics: () => Promise.resolve(Object.entries(METRICS).map(([id, { summary, unit }]) => ({ id, summary: `${summary} (${unit})` }))),
  formats: () =>
    Promise.all(
      FORMAT_NAMES.map(async (id) => {
        const format = await findFormat(id)
        return { id, of: kindsOf(format), summary: format.title }
      }),
    ),
}

/** `redline list`: what there is of a kind, one a line. Throws InputError for an unknown kind. */
export async function listCommand(kind: string, options: { json?: boolean }, world: World): Promise<void> {
  const list = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  if (!list)
    throw new InputError(`there is no list of ${kind}${didYouMean(kind, Object.keys(KINDS))}`, {
      hint: `there is one of ${Object.keys(KINDS).join(', ')}`,
    })
  const entries = (await list(world)).map(({ id, summary, ...more }): Entry => ({ id, ...more, summary }))
  if (options.json) {
    world.stdout.write(`${JSON.stringify(entries, null, 2)}\n`)
    return
  }
  const { stdout, env } = world
  const columns: Column[] = [
    { title: '', cells: entries.map(({ id }) => safeText(id)), align: 'left' },
    ...(kind === 'rules' ? [column(entries, ({ severity }) => severity)] : []),
    ...(kind === 'formats' ? [column(entries, ({ of }) => of?.join(', '))] : []),
    { title: '', cells: entries.map(({ summary }) => safeText(summary)), align: 'left' },
  ]
  // One line for each, for grep; on a terminal no longer than it is wide.
  const lines = stdout.isTTY ? wrappedTableLines(columns, styleFor(stdout, env).width) : tableLines(columns)
  stdout.write(`${lines.slice(1).join('\n')}\n`)
}

function column(entries: readonly Entry[], cell: (entry: Entry) => string | undefined): Column {
  return { title: '', cells: entries.map((entry) => cell(entry) ?? ''), align: 'left' }
}
