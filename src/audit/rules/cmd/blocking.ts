import { z } from 'zod'
import { numberOf } from '../../../redis/info.js'
import { defineRule } from '../../rule.js'
import { countOption, shareOption } from '../../rule-options.js'
import { counted, listed, percent } from '../wording.js'

/** Commands that wait for others (ACL category @blocking); XREAD and XREADGROUP only with BLOCK. */
const BLOCKING = new Set([
  ...['blpop', 'brpop', 'brpoplpush', 'blmove', 'blmpop', 'bzpopmin', 'bzpopmax', 'bzmpop'],
  ...['xread', 'xreadgroup', 'wait', 'waitaof'],
])

export const rule = defineRule({
  id: 'cmd/blocking',
  severity: 'note',
  summary: 'Many clients wait in blocking commands, each with a connection that can do nothing else',
  scope: 'node',
  needs: ['info'],
  wants: ['counters'],
  options: z.strictObject({
    share: shareOption(0.1, 'share of the clients above which waiting ones are reported'),
    clients: countOption(10, 'and waiting clients above which they are'),
  }),
  check({ info, counters }, { share, clients }) {
    const [blocked, connected] = [numberOf(info, 'blocked_clients') ?? 0, numberOf(info, 'connected_clients') ?? 0]
    if (blocked <= clients || connected === 0 || blocked / connected <= share) return []
    const used = [...(counters?.commands ?? [])].filter(([name, { calls }]) => BLOCKING.has(name) && calls > 0)
    const names = used.toSorted(([, a], [, b]) => b.calls - a.calls).map(([name]) => name.toUpperCase())
    // From 7.2 on.
    const keys = numberOf(info, 'total_blocking_keys')
    return [
      {
        about: 'blocked clients',
        message:
          `${counted(blocked, 'client')} (${percent(blocked / connected)}) wait` +
          `${keys === undefined ? '' : ` for ${counted(keys, 'key')}`}${names.length === 0 ? '' : `; ${listed(names)} are in use`}`,
        evidence: { blocked, connected, share: blocked / connected, ...(keys === undefined ? {} : { blockingKeys: keys }) },
        remedy:
          'Give blocking commands connections of their own, never those of a pool that others wait for, a timeout below the proxy’s, ' +
          'and one waiting connection per worker process rather than per task.',
        commands: ["redis-cli CLIENT LIST | grep -E 'flags=[^ ]*b'"],
      },
    ]
  },
})
