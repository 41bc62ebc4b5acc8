import { z } from 'zod'
import { formatNumber, formatDuration } from '../../../core/units.js'
import type { StreamGroup } from '../../facts.js'
import { countOption, durationOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { blindToLag, byGroup, groupsOf, most, nobodyReads, onStreams, streamAndGroup, streamKeys } from '../consumer-groups.js'
import { needsRedis } from '../versions.js'

/** Work is put in and nobody takes it out: the consumers are down, or the group was forgotten. */
export const rule = defineRule({
  id: 'stream/no-consumers',
  severity: 'warning',
  summary: 'A consumer group has a backlog and nobody reads',
  needs: ['streams'],
  options: z.strictObject({
    backlog: countOption(1000, 'entries not yet delivered from which a group is reported'),
    idle: durationOption('1h', 'how long every consumer must have asked for nothing'),
  }),
  inapplicable: (server) => needsRedis(server, '7.0'),
  check: ({ streams }, { backlog, idle }) =>
    byGroup(
      groupsOf(streams)
        .flatMap(({ stream, group }) => (group.lag === undefined ? [] : [{ stream, group, lag: group.lag }]))
        .filter(({ group, lag }) => lag > 0 && lag >= backlog && nobodyReads(group, idle)),
    ).map(({ about, groups }) => {
      const worst = most(groups, (each) => each.lag)
      const { group, lag } = worst
      return {
        about,
        message: `${formatNumber(lag)} entries wait and ${nobody(group, idle)}${onStreams(groups)}`,
        evidence: { lag, consumers: group.consumers, streams: groups.length },
        remedy: 'Start the consumers; delete the group if nobody needs it any more.',
        commands: [`redis-cli XINFO CONSUMERS ${streamAndGroup(worst)}`, `redis-cli XGROUP DESTROY ${streamAndGroup(worst)}`],
        examples: streamKeys(groups),
      }
    }),
  blind: ({ streams }) => blindToLag(streams),
})

function nobody({ consumers }: StreamGroup, idleMs: number): string {
  if (consumers === 0) return 'there is no consumer'
  return `${consumers === 1 ? 'its only consumer has' : `all ${formatNumber(consumers)} consumers have`} asked for nothing for ${formatDuration(idleMs)}`
}
