import { z } from 'zod'
import { type Info } from '../../../redis/info.js'
import { countOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { keyCount } from '../wording.js'

/** Numbered databases share everything that matters: memory, the policy, the one thread, FLUSHALL, replication. */
export const rule = defineRule({
  id: 'key/multi-db',
  severity: 'note',
  summary: 'Several numbered databases are in use',
  needs: ['info'],
  options: z.strictObject({
    databases: countOption(2, 'databases that hold keys from which it is reported'),
    keys: countOption(1, 'keys from which a database counts'),
  }),
  check: ({ info }, { databases, keys }) => {
    const used = databasesOf(info).filter((database) => database.keys >= keys)
    if (used.length < databases || used.length === 0) return []
    const named = used.slice(0, 8).map(({ name, keys }) => `${name} ${keyCount(keys)}`)
    return [
      {
        about: 'databases',
        message: `${used.length} are in use: ${named.join(', ')}${used.length > named.length ? ' ...' : ''}`,
        evidence: { databases: used.length, keys: used.reduce((sum, { keys }) => sum + keys, 0) },
        remedy:
          'Tell applications apart by a prefix of their keys, or give each a server of its own; a cluster has one database only (before Valkey 9).',
        commands: ['redis-cli INFO keyspace'],
      },
    ]
  },
})

/** `db0:keys=10,expires=4,avg_ttl=7` */
function databasesOf(info: Info): { name: string; keys: number }[] {
  return [...(info.sections.get('keyspace') ?? [])]
    .filter(([name]) => /^db\d+$/.test(name))
    .map(([name, line]) => ({ name, keys: Number(/\bkeys=(\d+)/.exec(line)?.[1] ?? 0) }))
}
