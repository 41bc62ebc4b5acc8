import { z } from 'zod'
import { formatBytes, trim } from '../../../core/units.js'
import { numberOf } from '../../../redis/info.js'
import { bytesOption, countOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'

/** Less memory resident than in use: the rest is on disk, and whoever touches it makes everybody wait for the disk. */
export const rule = defineRule({
  id: 'mem/swapping',
  severity: 'error',
  summary: 'Part of the data is not in memory: the system swaps',
  scope: 'node',
  needs: ['info'],
  options: z.strictObject({
    ratio: countOption(1, 'resident memory as a multiple of used memory below which it is reported'),
    floor: bytesOption('100MB', 'bytes in use above which it is judged'),
  }),
  check: ({ info }, { ratio, floor }) => {
    const used = numberOf(info, 'used_memory') ?? 0
    const resident = numberOf(info, 'used_memory_rss')
    if (resident === undefined || resident === 0 || used <= floor || resident / used >= ratio) return []
    return [
      {
        about: 'memory',
        message: `only ${formatBytes(resident)} of ${formatBytes(used)} in use are resident (ratio ${trim(resident / used, 3)}): the rest is likely swapped out`,
        evidence: { usedBytes: used, residentBytes: resident, ratio: resident / used },
        remedy: 'Confirm it on the machine; then give the server more memory, or lower maxmemory until everything fits.',
        commands: ['grep VmSwap /proc/$(pidof redis-server valkey-server)/status', 'vmstat 1 5'],
      },
    ]
  },
})
