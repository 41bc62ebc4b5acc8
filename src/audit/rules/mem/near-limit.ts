import { z } from 'zod'
import { formatBytes } from '../../../core/units.js'
import { bytesOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { percent } from '../wording.js'
import { memoryUse } from './memory-use.js'

/** At the limit keys are evicted, or writes refused. A cache that evicts from all keys lives there: for it this is a note. */
export const rule = defineRule({
  id: 'mem/near-limit',
  severity: 'warning',
  summary: 'Memory nears maxmemory',
  scope: 'node',
  needs: ['info'],
  options: z.strictObject({
    warn: shareOption(0.8, 'share of maxmemory in use from which it is reported'),
    error: shareOption(0.9, 'share from which it is an error'),
    floor: bytesOption('1MB', 'bytes in use from which it is judged'),
  }),
  check: ({ info }, { warn, error, floor }) => {
    const use = memoryUse(info)
    if (!use || use.share < warn || use.usedBytes < floor) return []
    const isCache = use.policy.startsWith('allkeys-')
    const full = `${percent(use.share)} is in use: ${formatBytes(use.usedBytes)} of ${formatBytes(use.limitBytes)}`
    return [
      {
        about: 'maxmemory',
        severity: isCache ? 'note' : use.share >= error ? 'error' : 'warning',
        message: `${full}, under ${use.policy}`,
        evidence: { usedBytes: use.usedBytes, maxmemoryBytes: use.limitBytes, usedShare: use.share, policy: use.policy },
        remedy: isCache
          ? 'Watch the hit rate and evictions: while they are fine, a full cache is as it should be.'
          : 'Make room before it is full: remove what is stale, set TTLs, or raise maxmemory if the machine has room for it.',
        commands: isCache ? ['redis-cli INFO stats'] : [`redis-cli CONFIG SET maxmemory ${Math.ceil((use.usedBytes * 1.5) / 1024 ** 2)}mb`],
      },
    ]
  },
})
