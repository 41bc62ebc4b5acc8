import { z } from 'zod'
import { formatNumber, formatDuration } from '../../../core/units.js'
import { countOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { byGroup, type GroupOfStream, groupsOf, most, onStreams, streamAndGroup, streamKeys } from '../consumer-groups.js'
import { counted } from '../wording.js'

/** What was delivered and not acknowledged is kept in the pending entries list: memory that grows, and work that may be lost. */
export const rule = defineRule({
  id: 'stream/pel',
  severity: 'warning',
  summary: 'A consumer group has many entries that were delivered and never acknowledged',
  needs: ['streams'],
  options: z.strictObject({
    pending: countOption(10_000, 'pending entries from which a group is reported'),
    each: countOption(1000, 'pending entries for each consumer that it must have, too'),
  }),
  check: ({ streams }, { pending, each }) =>
    byGroup(groupsOf(streams).filter(({ group }) => group.pending >= pending && group.pending >= each * Math.max(1, group.consumers))).map(
      ({ about, groups }) => {
        const worst = most(groups, ({ group }) => group.pending)
        return {
          about,
          message: `${formatNumber(worst.group.pending)} entries are pending for ${counted(worst.group.consumers, 'consumer')}${oldest(worst)}${onStreams(groups)}`,
          evidence: {
            pending: groups.reduce((sum, { group }) => sum + group.pending, 0),
            consumers: worst.group.consumers,
            streams: groups.length,
            ...(worst.group.oldestPendingSeconds === undefined ? {} : { oldestPendingSeconds: worst.group.oldestPendingSeconds }),
          },
          remedy: 'Acknowledge each entry once it is done (XACK), read with COUNT, and take over what consumers left behind.',
          commands: [
            `redis-cli XPENDING ${streamAndGroup(worst)}`,
            `redis-cli XAUTOCLAIM ${streamAndGroup(worst)} '<consumer>' 3600000 0 COUNT 100`,
          ],
          examples: streamKeys(groups),
        }
      },
    ),
})

function oldest({ group }: GroupOfStream): string {
  const seconds = group.oldestPendingSeconds
  return seconds === undefined ? '' : `, the oldest is ${formatDuration(seconds * 1000)} old`
}
