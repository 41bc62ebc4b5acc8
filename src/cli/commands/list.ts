import { InputError } from '../../core/errors.js'
import { didYouMean, safeText } from '../../core/text.js'
import { listShipped, loadRules, METRICS, readScenario } from '../../index.js'
import { findWorkload, WORKLOAD_IDS } from '../../workloads/registry.js'
import { type Column, tableLines, wrappedTableLines } from '../../report/table.js'
import { styleFor, type World } from '../world.js'

interface Entry {
  id: string
  summary: string
  /** Of rules. */
  severity?: string
}

const KINDS: Record<string, (world: World) => Promise<Entry[]>> = {
  scenarios: async ({ cwd }) => {
    const files = await Promise.all((await listShipped(cwd)).map(readScenario))
    return files.map(({ name, claim }) => ({ id: name, summary: claim }))
  },
  workloads: () => Promise.all(WORKLOAD_IDS.map(findWorkload)),
  rules: async () => (await loadRules()).map(({ id, severity, summary }) => ({ id, severity, summary })),
  metrics: () => Promise.resolve(Object.entries(METRICS).map(([id, { summary, unit }]) => ({ id, summary: `${summary} (${unit})` }))),
}

/** `redline list`: what there is of a kind, one a line. Throws InputError for an unknown kind. */
export async function listCommand(kind: string, options: { json?: boolean }, world: World): Promise<void> {
  const list = Object.hasOwn(KINDS, kind) ? KINDS[kind] : undefined
  if (!list)
    throw new InputError(`there is no list of ${kind}${didYouMean(kind, Object.keys(KINDS))}`, {
      hint: `there is one of ${Object.keys(KINDS).join(', ')}`,
    })
  const entries = (await list(world)).map(({ id, severity, summary }) => ({ id, ...(severity === undefined ? {} : { severity }), summary }))
  if (options.json) {
    world.stdout.write(`${JSON.stringify(entries, null, 2)}\n`)
    return
  }
  const { stdout, env } = world
  const columns: Column[] = [
    { title: '', cells: entries.map(({ id }) => safeText(id)), align: 'left' },
    ...(kind === 'rules' ? [severities(entries)] : []),
    { title: '', cells: entries.map(({ summary }) => safeText(summary)), align: 'left' },
  ]
  // One line for each, for grep; on a terminal no longer than it is wide.
  const lines = stdout.isTTY ? wrappedTableLines(columns, styleFor(stdout, env).width) : tableLines(columns)
  stdout.write(`${lines.slice(1).join('\n')}\n`)
}

function severities(entries: readonly Entry[]): Column {
  return { title: '', cells: entries.map(({ severity }) => severity ?? ''), align: 'left' }
}
