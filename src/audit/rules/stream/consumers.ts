import { z } from 'zod'
import { formatNumber } from '../../../core/units.js'
import { countOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { byGroup, groupsOf, most, onStreams, streamAndGroup, streamKeys } from '../consumer-groups.js'

/** Consumers stay until somebody deletes them. Thousands of them mean that each process, or each job, makes one of its own. */
export const rule = defineRule({
  id: 'stream/consumers',
  severity: 'warning',
  summary: 'A consumer group has more consumers than anybody runs',
  needs: ['streams'],
  options: z.strictObject({ consumers: countOption(1000, 'consumers above which a group is reported') }),
  check: ({ streams }, { consumers }) =>
    byGroup(groupsOf(streams).filter(({ group }) => group.consumers > consumers)).map(({ about, groups }) => {
      const worst = most(groups, ({ group }) => group.consumers)
      return {
        about,
        message: `has ${formatNumber(worst.group.consumers)} consumers${onStreams(groups)}`,
        evidence: { consumers: worst.group.consumers, streams: groups.length, pending: worst.group.pending },
        remedy:
          'Give consumers names that outlive a restart (the host, the number of the worker), and delete those that are gone and hold nothing.',
        commands: [`redis-cli XGROUP DELCONSUMER ${streamAndGroup(worst)} '<consumer>'`],
        examples: streamKeys(groups),
      }
    }),
})
