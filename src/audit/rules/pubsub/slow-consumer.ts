import { z } from 'zod'
import { formatBytes, formatDuration } from '../../../core/units.js'
import { bytesOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { type OutputLimit, outputLimit } from '../output-limits.js'
import { percent } from '../wording.js'

/** Messages that a subscriber does not read pile up in the server until it disconnects the subscriber, which loses them all. */
export const rule = defineRule({
  id: 'pubsub/slow-consumer',
  severity: 'warning',
  summary: 'A subscriber reads more slowly than messages are published',
  needs: ['clients'],
  wants: ['config'],
  scope: 'node',
  options: z.strictObject({
    share: shareOption(0.5, 'share of the limit for subscribers from which one is reported'),
    floor: bytesOption('1MB', 'unread messages below which none is reported'),
    unlimited: bytesOption('10MB', 'unread messages from which one is reported where there is no limit'),
  }),
  check({ clients, config }, { share, floor, unlimited }) {
    const known = config && outputLimit(config, 'pubsub')
    const limit = known ?? DEFAULT_LIMIT
    const bound = Math.max(floor, boundOf(limit, share) ?? unlimited)
    const slow = clients.pubsub.filter(({ outputBytes }) => outputBytes > 0 && outputBytes >= bound)
    const worst = slow.toSorted((a, b) => b.outputBytes - a.outputBytes)[0]
    if (!worst) return []
    return [
      {
        about: 'subscribers',
        message: `${slow.length} of ${clients.pubsub.length} ${slow.length === 1 ? 'lags' : 'lag'} behind: ${worst.client} has ${formatBytes(
          worst.outputBytes,
        )} of messages unread${known ? consequence(worst.outputBytes, known) : ''}`,
        evidence: {
          subscribers: slow.length,
          of: clients.pubsub.length,
          largestOutputBytes: worst.outputBytes,
          hardLimitBytes: limit.hardBytes,
          softLimitBytes: limit.softBytes,
        },
        remedy: 'Make the subscriber faster (hand messages to workers, subscribe to fewer channels), or use a stream, which keeps them.',
        commands: ['redis-cli CLIENT LIST TYPE pubsub'],
      },
    ]
  },
})

/** What a server has unless it is told otherwise. */
const DEFAULT_LIMIT: OutputLimit = { hardBytes: 32 * 1024 ** 2, softBytes: 8 * 1024 ** 2, softSeconds: 60 }

/** A share of the hard limit, or all of the soft one when that is less. Undefined without any limit. */
function boundOf({ hardBytes, softBytes }: OutputLimit, share: number): number | undefined {
  const bounds = [...(hardBytes > 0 ? [hardBytes * share] : []), ...(softBytes > 0 ? [softBytes] : [])]
  return bounds.length === 0 ? undefined : Math.min(...bounds)
}

function consequence(bytes: number, { hardBytes, softBytes, softSeconds }: OutputLimit): string {
  if (softBytes > 0 && bytes >= softBytes)
    return `; it is disconnected after ${formatDuration(softSeconds * 1000)} above ${formatBytes(softBytes)}`
  if (hardBytes > 0) return `, ${percent(bytes / hardBytes)} of the ${formatBytes(hardBytes)} at which it is disconnected`
  return '; nothing limits it'
}
