import { z } from 'zod'
import { formatBytes } from '../../../core/units.js'
import { type Info, numberOf } from '../../../redis/info.js'
import { bytesOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { shareOf } from '../estimates.js'
import { percent } from '../wording.js'

/** Memory that holds no data: buffers of clients and replicas, scripts, and what each key costs beside its value. */
export const rule = defineRule({
  id: 'mem/overhead',
  severity: 'warning',
  summary: 'A large part of memory holds no data',
  scope: 'node',
  needs: ['info'],
  options: z.strictObject({
    share: shareOption(0.3, 'share of used memory from which it is reported'),
    floor: bytesOption('100MB', 'bytes of overhead above which it is reported'),
  }),
  check: ({ info }, { share, floor }) => {
    const used = numberOf(info, 'used_memory') ?? 0
    const overhead = (numberOf(info, 'used_memory_overhead') ?? 0) - (numberOf(info, 'used_memory_startup') ?? 0)
    if (shareOf(overhead, used) < share || overhead <= floor) return []
    const parts = partsOf(info, overhead)
    const [main] = parts
    const named = parts.slice(0, 3).map(({ bytes, what }) => `${formatBytes(bytes)} ${what}`)
    return [
      {
        about: 'overhead',
        message: `takes ${percent(shareOf(overhead, used))} of ${formatBytes(used)} in use: ${named.join(', ')}`,
        evidence: {
          usedBytes: used,
          overheadBytes: overhead,
          overheadShare: shareOf(overhead, used),
          ...Object.fromEntries(parts.map(({ name, bytes }) => [`${name}Bytes`, bytes])),
        },
        remedy: main.remedy,
        commands: main.commands,
      },
    ]
  },
})

interface Part {
  name: string
  what: string
  remedy: string
  commands: string[]
}

/** What INFO tells apart, by its fields. */
const PARTS: readonly (Part & { fields: string[] })[] = [
  {
    name: 'clients',
    fields: ['mem_clients_normal'],
    what: 'buffers of clients',
    remedy: 'Find the clients with the largest buffers, and bound them with maxmemory-clients (7.0) or client-output-buffer-limit.',
    commands: ['redis-cli CLIENT LIST', 'redis-cli CONFIG SET maxmemory-clients 5%'],
  },
  {
    name: 'replicas',
    fields: ['mem_clients_slaves', 'mem_replication_backlog'],
    what: 'buffers of replicas and the backlog',
    remedy: 'Find the replica that is behind; if none is, the backlog is larger than this server can afford.',
    commands: ['redis-cli INFO replication', 'redis-cli CONFIG GET repl-backlog-size'],
  },
  {
    name: 'aof',
    fields: ['mem_aof_buffer'],
    what: 'the buffer of the AOF',
    remedy: 'Find out why the disk does not keep up with the append-only file.',
    commands: ['redis-cli INFO persistence'],
  },
  {
    name: 'scripts',
    fields: ['used_memory_scripts'],
    what: 'scripts',
    remedy: 'Send scripts with arguments (EVALSHA, KEYS, ARGV) instead of writing values into their text.',
    commands: ['redis-cli INFO memory'],
  },
  {
    name: 'clusterLinks',
    fields: ['mem_cluster_links'],
    what: 'links between the nodes of the cluster',
    remedy: 'Bound the links with cluster-link-sendbuf-limit, and find the node that does not keep up.',
    commands: ['redis-cli CLUSTER LINKS'],
  },
]

const TABLES: Part = {
  name: 'tables',
  what: "the keyspace's own tables (what each key costs beside its name and value)",
  remedy: 'Keep many small values in fewer keys, such as a hash for each bucket of ids.',
  commands: ['redis-cli MEMORY STATS'],
}

/** Largest first; what no field names is the tables of the keyspace. */
function partsOf(info: Info, overhead: number): [Part & { bytes: number }, ...(Part & { bytes: number })[]] {
  const named = PARTS.map((part) => ({ ...part, bytes: part.fields.reduce((sum, field) => sum + (numberOf(info, field) ?? 0), 0) }))
  const rest = Math.max(0, overhead - named.reduce((sum, { bytes }) => sum + bytes, 0))
  const [first = { ...TABLES, bytes: rest }, ...others] = [...named, { ...TABLES, bytes: rest }]
    .filter(({ bytes }) => bytes > 0)
    .toSorted((a, b) => b.bytes - a.bytes)
  return [first, ...others]
}
