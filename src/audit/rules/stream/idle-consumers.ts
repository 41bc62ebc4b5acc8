import { z } from 'zod'
import { formatNumber, formatDuration } from '../../../core/units.js'
import { countOption, durationOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { blindToMembers, byGroup, groupsOf, most, onStreams, streamAndGroup, streamKeys } from '../consumer-groups.js'
import { counted } from '../wording.js'

/** Consumers that are gone stay in the group: memory, and noise in every look at it. They hold nothing, so deleting them is safe. */
export const rule = defineRule({
  id: 'stream/idle-consumers',
  severity: 'note',
  summary: 'A consumer group keeps many consumers that are gone',
  needs: ['streams'],
  options: z.strictObject({
    consumers: countOption(100, 'consumers that hold nothing above which a group is reported'),
    share: shareOption(0.25, 'share of the group that they must be'),
    idle: durationOption('1d', 'how long they must have asked for nothing'),
  }),
  check: ({ streams }, { consumers, share, idle }) =>
    byGroup(
      groupsOf(streams)
        .map(({ stream, group }) => ({
          stream,
          group,
          gone: (group.members ?? []).filter((member) => member.pending === 0 && member.idleSeconds * 1000 >= idle).length,
        }))
        .filter(({ group, gone }) => gone > consumers && gone >= share * group.consumers),
    ).map(({ about, groups }) => {
      const worst = most(groups, (each) => each.gone)
      const { group, gone } = worst
      return {
        about,
        message: `${formatNumber(gone)} of ${counted(group.consumers, 'consumer')} hold nothing and have asked for nothing for ${formatDuration(idle)}${onStreams(groups)}`,
        evidence: { idleConsumers: gone, consumers: group.consumers, streams: groups.length },
        remedy: 'Delete them, and let each consumer delete itself when it ends, or keep its name over restarts.',
        commands: [
          `redis-cli XINFO CONSUMERS ${streamAndGroup(worst)}`,
          `redis-cli XGROUP DELCONSUMER ${streamAndGroup(worst)} '<consumer>'`,
        ],
        examples: streamKeys(groups),
      }
    }),
  blind: ({ streams }) => blindToMembers(streams),
})
