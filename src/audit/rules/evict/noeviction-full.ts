import { z } from 'zod'
import { formatBytes } from '../../../core/units.js'
import { type Info } from '../../../redis/info.js'
import { bytesOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { memoryUse } from '../mem/memory-use.js'
import { counted, percent } from '../wording.js'

/** Under noeviction nothing makes room: at maxmemory every command that needs memory is answered with OOM. */
export const rule = defineRule({
  id: 'evict/noeviction-full',
  severity: 'error',
  summary: 'Memory is nearly full under noeviction: writes are about to fail',
  scope: 'node',
  needs: ['info'],
  options: z.strictObject({
    share: shareOption(0.85, 'share of maxmemory in use from which it is reported'),
    floor: bytesOption('1MB', 'bytes in use from which it is judged'),
  }),
  check: ({ info }, { share, floor }) => {
    const use = memoryUse(info)
    if (use?.policy !== 'noeviction' || use.share < share || use.usedBytes < floor) return []
    const refused = oomErrors(info)
    const already = refused > 0 ? `; ${counted(refused, 'command was', 'commands were')} answered with OOM so far` : ''
    return [
      {
        about: 'maxmemory-policy',
        message: `noeviction, and ${percent(use.share)} of maxmemory is in use (${formatBytes(use.usedBytes)} of ${formatBytes(use.limitBytes)}): at the limit writes fail${already}`,
        evidence: { usedBytes: use.usedBytes, maxmemoryBytes: use.limitBytes, usedShare: use.share, oomErrors: refused },
        remedy: 'Raise maxmemory if the machine has room, delete what is stale, or, if keys may be lost, choose a policy that evicts.',
        commands: [`redis-cli CONFIG SET maxmemory ${Math.ceil((use.usedBytes * 1.5) / 1024 ** 2)}mb`],
      },
    ]
  },
})

/** `errorstat_OOM:count=12`; nothing before 6.2. */
function oomErrors(info: Info): number {
  return Number(/\bcount=(\d+)/.exec(info.fields.get('errorstat_OOM') ?? '')?.[1] ?? 0)
}
