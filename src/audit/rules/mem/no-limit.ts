import { z } from 'zod'
import { formatBytes } from '../../../core/units.js'
import { defineRule } from '../../rule.js'

/** Without maxmemory the server grows until the system kills it, or swaps. */
export const rule = defineRule({
  id: 'mem/no-limit',
  severity: 'warning',
  summary: 'maxmemory is not set: the server grows until the system kills it',
  scope: 'node',
  needs: [],
  // Where CONFIG is refused, INFO still tells; where files are audited, only they do.
  wants: ['config', 'server'],
  options: z.strictObject({}),
  inapplicable: ({ topology }) => (topology === 'sentinel' ? 'a sentinel holds no data' : undefined),
  check: ({ config, server }) => {
    const limit = config?.get('maxmemory') ?? (server ? String(server.maxmemoryBytes) : config && '0')
    if (limit === undefined || !/^0+[a-z]*$/i.test(limit.trim())) return []
    return [
      {
        about: 'maxmemory',
        message: server
          ? `is 0, so nothing bounds the ${formatBytes(server.usedMemoryBytes)} in use`
          : 'is 0, so nothing bounds the memory of this server',
        evidence: { maxmemoryBytes: 0, ...(server ? { usedBytes: server.usedMemoryBytes } : {}) },
        remedy:
          'Set maxmemory below what the machine or container has, with room for fork and buffers (a quarter to a half), and choose a policy.',
        commands: ["redis-cli CONFIG SET maxmemory '<bytes>'", 'redis-cli CONFIG REWRITE'],
        at: { parameter: 'maxmemory' },
      },
    ]
  },
  blind: ({ config, server }) =>
    config || server ? undefined : { kind: 'not assessed', why: 'neither CONFIG GET nor INFO could be read' },
})
