import { z } from 'zod'
import { defineRule } from '../../rule.js'
import { countOption } from '../../rule-options.js'
import { byteCount, keyCount, listed } from '../wording.js'

export const rule = defineRule({
  id: 'persist/none',
  severity: 'warning',
  summary: 'Data that may not be lost is in the memory of one server only: no snapshot, no AOF, no replica',
  scope: 'node',
  needs: ['keyspace', 'config', 'replication'],
  options: z.strictObject({ keys: countOption(1, 'durable keys from which it is reported') }),
  check({ keyspace, config, replication }, { keys: fewest }) {
    const isSafe = config.get('save') !== '' || config.get('appendonly') !== 'no' || replication.replicas.length > 0
    // A replica is itself the second copy.
    if (isSafe || replication.role === 'replica') return []
    const durable = keyspace.patterns.filter((pattern) => pattern.durable && pattern.keys.value > 0)
    const add = (of: 'keys' | 'bytes', end: 'value' | 'low' | 'high') => durable.reduce((sum, pattern) => sum + pattern[of][end], 0)
    const all = (of: 'keys' | 'bytes') => ({ value: add(of, 'value'), low: add(of, 'low'), high: add(of, 'high') })
    const [keys, bytes] = [all('keys'), all('bytes')]
    if (keys.value < Math.max(1, fewest)) return []
    const isDeclared = durable.some(({ contract }) => contract?.durability === 'durable' || contract?.durability === 'queue')
    return [
      {
        about: 'persistence',
        severity: isDeclared ? 'error' : 'warning',
        message: `none: a restart loses ${keyCount(keys)} (${byteCount(bytes)}) of ${listed(durable.map(({ pattern }) => pattern))}`,
        evidence: { durableKeys: keys.value, durableBytes: bytes.value, patterns: durable.length, declared: isDeclared },
        remedy:
          'Switch the AOF on (appendonly yes, appendfsync everysec), and add a replica; or declare the patterns as durability: cache.',
        commands: ['redis-cli CONFIG SET appendonly yes', 'redis-cli CONFIG REWRITE'],
        examples: durable.flatMap(({ examples }) => examples.slice(0, 1)).slice(0, 3),
      },
    ]
  },
})
