import { formatDuration, parseDuration } from '../core/units.js'
import type { FaultPlan, ScenarioFile } from '../schema/scenario.js'
import { onKey } from './issues.js'
import type { PathMistake } from './issues.js'
import { mergeLayers, placeOfAny } from './layers.js'
import { LOAD_DEFAULTS } from './load-plan.js'
import type { VariantLayers } from './merged.js'
import { treeOf } from './paths.js'
import type { Tree } from './paths.js'

type Fault = NonNullable<ScenarioFile['faults']>[number]

/** Faults in the order of their times. */
export function planFaults(faults: readonly Fault[]): FaultPlan[] {
  return faults
    .map((fault): FaultPlan => ({
      atMs: parseDuration(fault.at),
      kind: fault.do,
      ...(fault.for !== undefined && { forMs: parseDuration(fault.for) }),
    }))
    .toSorted((a, b) => a.atMs - b.atMs)
}

/** Faults that would come when the round is over, that meet a server which is down, or that take no `for`. */
export function checkFaults(variants: readonly VariantLayers[]): PathMistake[] {
  return variants.flatMap(({ layers }) => {
    const merged = mergeLayers(layers)
    const place = placeOfAny(layers, [['faults']])
    if (place === undefined || !Array.isArray(merged.faults)) return []
    const faults = merged.faults.flatMap((written, index) => readFault(treeOf(written), [...place, index]))
    return [...checkTimes(faults, measuredMs([...merged.loads.values()])), ...checkDowntime(faults)]
  })
}

interface ReadFault {
  atMs: number
  kind: unknown
  forMs: number | undefined
  path: PropertyKey[]
}

/** None where the schema has something to say. */
function readFault(fault: Tree, path: PropertyKey[]): ReadFault[] {
  const atMs = durationOf(fault['at'])
  const forMs = durationOf(fault['for'])
  return atMs === undefined || (fault['for'] !== undefined && forMs === undefined) ? [] : [{ atMs, kind: fault['do'], forMs, path }]
}

function checkTimes(faults: readonly ReadFault[], measured: number | undefined): PathMistake[] {
  return faults.flatMap(({ atMs, kind, forMs, path }) => {
    const found: PathMistake[] = []
    if (measured !== undefined && atMs >= measured) {
      found.push(onKey([...path, 'at'], `it comes after the measured part, which takes ${formatDuration(measured)}`))
    }
    if (forMs !== undefined && (kind === 'cut' || kind === 'restart')) found.push(onKey([...path, 'for'], `a ${kind} takes no time`))
    return found
  })
}

/** What is done to a server that a kill has left down. */
function checkDowntime(faults: readonly ReadFault[]): PathMistake[] {
  const found: PathMistake[] = []
  let downUntilMs = 0
  for (const { atMs, kind, forMs = Infinity, path } of faults.toSorted((a, b) => a.atMs - b.atMs)) {
    if (kind === 'restart') downUntilMs = 0
    else if (atMs < downUntilMs) found.push(onKey([...path, 'do'], 'the server is down then; restart it before'))
    else if (kind === 'kill') downUntilMs = atMs + forMs
  }
  return found
}

/** How long the longest load is measured; undefined when one ends after a count. */
function measuredMs(loads: readonly Tree[]): number | undefined {
  const times = loads.map((load) => (load['count'] === undefined ? durationOf(load['duration'] ?? LOAD_DEFAULTS.duration) : undefined))
  return times.includes(undefined) ? undefined : Math.max(...times.map(Number))
}

function durationOf(text: unknown): number | undefined {
  if (typeof text !== 'string') return undefined
  try {
    return parseDuration(text)
  } catch {
    return undefined
  }
}
