import { z } from 'zod'
import { formatBytes } from '../../../core/units.js'
import type { NodeSummary } from '../../facts.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { shellWord } from '../commands.js'
import { listed } from '../wording.js'

/** What decides how much fits and what is evicted. */
const EVICTION = ['maxmemory', 'maxmemory-policy'] as const
/** What decides how much memory the same data takes. */
const ENCODINGS = [
  'hash-max-listpack-entries',
  'hash-max-listpack-value',
  'list-max-listpack-size',
  'set-max-intset-entries',
  'set-max-listpack-entries',
  'zset-max-listpack-entries',
  'zset-max-listpack-value',
] as const

/** A replica that is configured otherwise becomes another server on the day it is promoted. */
export const rule = defineRule({
  id: 'repl/config-drift',
  severity: 'warning',
  summary: 'Servers that should be alike are configured differently',
  needs: ['nodes'],
  options: z.strictObject({
    parameters: z
      .array(z.string())
      .default([...EVICTION, ...ENCODINGS])
      .describe('parameters that must be alike'),
  }),
  check: ({ nodes }, { parameters }) => parameters.flatMap((parameter) => driftOf(parameter, nodes)),
  blind({ nodes }) {
    if (nodes.length < 2) return { kind: 'not applicable', why: 'there is one server' }
    const unread = nodes.filter(({ config }) => !config.known).map(({ address }) => address)
    return unread.length === 0 ? undefined : { kind: 'not assessed', why: `the configuration of ${listed(unread)} could not be read` }
  },
})

/** Within a shard a failover meets the difference; between shards it makes one of them fill up first. */
function driftOf(parameter: string, nodes: readonly NodeSummary[]): FindingDraft[] {
  const shards = [...new Set(nodes.map(({ shard }) => shard))].map((shard) => nodes.filter((node) => node.shard === shard))
  const uneven = shards.filter((shard) => valuesOf(parameter, shard).size > 1)
  if (uneven[0]) return [finding(parameter, uneven[0], uneven.length)]
  return valuesOf(parameter, nodes).size > 1 ? [{ ...finding(parameter, nodes, 0), role: 'shards', severity: 'note' }] : []
}

/** The values that servers have, most frequent first, with those that have them. */
function valuesOf(parameter: string, nodes: readonly NodeSummary[]): Map<string, string[]> {
  const values = new Map<string, string[]>()
  for (const node of nodes) {
    const value = valueOf(parameter, node)
    if (value !== undefined) values.set(value, [...(values.get(value) ?? []), node.address])
  }
  return new Map([...values].toSorted(([, a], [, b]) => b.length - a.length))
}

/** INFO tells limit and policy also where CONFIG GET is refused. */
function valueOf(parameter: string, { server, config }: NodeSummary): string | undefined {
  if (parameter === 'maxmemory') return String(server.maxmemoryBytes)
  if (parameter === 'maxmemory-policy') return server.maxmemoryPolicy
  return config.known ? config.value.get(parameter) : undefined
}

function finding(parameter: string, nodes: readonly NodeSummary[], shards: number): FindingDraft {
  const values = [...valuesOf(parameter, nodes)]
  const said = values.map(([value, addresses]) => `${inUnits(parameter, value)} on ${listed(addresses, 2)}`)
  const usual = values[0]![0]
  const where = shards === 0 ? 'between shards' : shards === 1 ? 'between a primary and its replicas' : `within ${shards} shards`
  return {
    about: parameter,
    message: `differs ${where}: ${listed(said)}`,
    evidence: { values: values.map(([value]) => value).join(' | '), servers: nodes.length, shards },
    remedy: 'Decide which value is right and set it on all of them, in their configuration files too.',
    commands: [`redis-cli CONFIG SET ${parameter} ${shellWord(usual)}`, 'redis-cli CONFIG REWRITE'],
    severity: parameter === 'maxmemory' || parameter === 'maxmemory-policy' ? 'warning' : 'note',
  }
}

function inUnits(parameter: string, value: string): string {
  if (parameter !== 'maxmemory') return value
  return value === '0' ? 'no limit' : formatBytes(Number(value))
}
