import { z } from 'zod'
import { formatNumber } from '../../../core/units.js'
import { countOption, durationOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { shellWord } from '../commands.js'
import { blindToLag, byGroup, groupsOf, most, nobodyReads, onStreams, streamKeys } from '../consumer-groups.js'
import { needsRedis } from '../versions.js'
import { counted, percent } from '../wording.js'

/** A group that falls behind works on old entries, and loses those that are trimmed before it reads them. */
export const rule = defineRule({
  id: 'stream/lag',
  severity: 'warning',
  summary: 'A consumer group is far behind the end of its stream',
  needs: ['streams'],
  options: z.strictObject({
    entries: countOption(10_000, 'entries not yet delivered from which a group is reported'),
    share: shareOption(0.1, 'share of the stream that they must be'),
    idle: durationOption('1h', 'a group all of whose consumers have been silent for so long is left to stream/no-consumers'),
  }),
  inapplicable: (server) => needsRedis(server, '7.0'),
  check: ({ streams }, { entries, share, idle }) =>
    byGroup(
      groupsOf(streams)
        .filter(({ group }) => !nobodyReads(group, idle))
        .flatMap(({ stream, group }) => (group.lag === undefined ? [] : [{ stream, group, lag: group.lag }]))
        .filter(({ stream, lag }) => lag > 0 && lag >= entries && lag >= share * stream.entries),
    ).map(({ about, groups }) => {
      const worst = most(groups, ({ lag }) => lag)
      const { stream, group, lag } = worst
      return {
        about,
        message: `is ${formatNumber(lag)} entries behind${stream.entries > 0 ? `, ${percent(Math.min(1, lag / stream.entries))} of the stream` : ''}${onStreams(groups)}`,
        evidence: { lag, entries: stream.entries, consumers: group.consumers, streams: groups.length },
        remedy: `Add consumers or make them faster (there ${group.consumers === 1 ? 'is' : 'are'} ${counted(group.consumers, 'consumer')}); keep trimming behind the slowest group.`,
        commands: [`redis-cli XINFO GROUPS ${shellWord(stream.key)}`],
        examples: streamKeys(groups),
      }
    }),
  blind: ({ streams }) => blindToLag(streams),
})
