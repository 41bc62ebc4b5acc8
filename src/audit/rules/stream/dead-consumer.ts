import { z } from 'zod'
import { formatNumber, formatDuration } from '../../../core/units.js'
import { countOption, durationOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { shellWord } from '../commands.js'
import { blindToMembers, byGroup, groupsOf, onStreams, streamAndGroup, streamKeys } from '../consumer-groups.js'
import { counted } from '../wording.js'

/** Entries that a crashed consumer holds are delivered to nobody else until somebody claims them. */
export const rule = defineRule({
  id: 'stream/dead-consumer',
  severity: 'warning',
  summary: 'A consumer that has long been silent holds entries that nobody else gets',
  needs: ['streams'],
  options: z.strictObject({
    idle: durationOption('1h', 'how long a consumer must have asked for nothing'),
    pending: countOption(1, 'entries that it must hold'),
  }),
  check: ({ streams }, { idle, pending }) =>
    byGroup(
      groupsOf(streams)
        .map(({ stream, group }) => ({
          stream,
          group,
          dead: (group.members ?? []).filter(
            (member) => member.pending > 0 && member.pending >= pending && member.idleSeconds * 1000 >= idle,
          ),
        }))
        .filter(({ dead }) => dead.length > 0),
    ).map(({ about, groups }) => {
      const dead = groups.flatMap((each) => each.dead)
      const held = dead.reduce((sum, member) => sum + member.pending, 0)
      const silentSeconds = Math.max(...dead.map(({ idleSeconds }) => idleSeconds))
      const [first] = groups
      return {
        about,
        message: `${counted(dead.length, 'consumer')} silent for up to ${formatDuration(silentSeconds * 1000)} ${
          dead.length === 1 ? 'holds' : 'hold'
        } ${held === 1 ? '1 entry' : `${formatNumber(held)} entries`}${onStreams(groups)}`,
        evidence: { consumers: dead.length, pending: held, longestIdleSeconds: silentSeconds, streams: groups.length },
        remedy: 'Let the living claim what has been pending too long (XAUTOCLAIM), then delete consumers that are gone.',
        commands: [
          `redis-cli XAUTOCLAIM ${streamAndGroup(first)} '<consumer>' ${idle} 0 COUNT 100`,
          `redis-cli XGROUP DELCONSUMER ${streamAndGroup(first)} ${shellWord(dead[0]!.name, 'consumer')}`,
        ],
        examples: streamKeys(groups),
      }
    }),
  blind: ({ streams }) => blindToMembers(streams),
})
