import { z } from 'zod'
import { formatBytes } from '../../../core/units.js'
import { defineRule } from '../../rule.js'
import { bytesOption, shareOption } from '../../rule-options.js'
import { counted } from '../wording.js'

export const rule = defineRule({
  id: 'lua/memory',
  severity: 'warning',
  summary: 'Lua scripts and functions hold much memory that no maxmemory policy can take back',
  scope: 'node',
  needs: ['scripts'],
  wants: ['server'],
  options: z.strictObject({
    bytes: bytesOption('100MB', 'memory of scripts and functions above which it is reported'),
    share: shareOption(0.01, 'and share of used memory above which it is'),
  }),
  check({ scripts, server }, { bytes: floor, share: least }) {
    const { bytes, cachedScripts } = scripts
    const share = server && server.usedMemoryBytes > 0 ? bytes / server.usedMemoryBytes : undefined
    if (bytes <= floor || (share !== undefined && share <= least)) return []
    return [
      {
        about: 'Lua memory',
        message:
          `${formatBytes(bytes)} are held by scripts and functions` +
          `${share === undefined ? '' : `, against ${formatBytes(server!.usedMemoryBytes)} used in all`}; ${counted(cachedScripts, 'script')} are cached`,
        evidence: { bytes, cachedScripts, ...(share === undefined ? {} : { shareOfUsedMemory: share }) },
        remedy:
          'Keep scripts from building large tables, make their texts constant (lua/dynamic), ' +
          'and empty the cache once clients fall back from NOSCRIPT to EVAL.',
        commands: ["redis-cli INFO memory | grep -E 'used_memory_(lua|vm|scripts|functions)'", 'redis-cli SCRIPT FLUSH'],
      },
    ]
  },
})
