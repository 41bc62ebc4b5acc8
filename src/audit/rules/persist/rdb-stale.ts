import { z } from 'zod'
import { type Info, numberOf } from '../../../redis/info.js'
import type { ConfigFacts } from '../../facts.js'
import { ago, counted } from '../wording.js'
import { defineRule } from '../../rule.js'
import { countOption, durationOption } from '../../rule-options.js'

export const rule = defineRule({
  id: 'persist/rdb-stale',
  severity: 'warning',
  summary: 'Much was written since the last snapshot, which is old',
  scope: 'node',
  needs: ['info', 'now'],
  wants: ['config'],
  options: z.strictObject({
    changes: countOption(1_000_000, 'changes since the last snapshot above which it is reported'),
    age: durationOption('1d', 'and its age above which it is'),
  }),
  check({ info, now, config }, { changes: most, age }) {
    const [changes, savedAt] = [numberOf(info, 'rdb_changes_since_last_save') ?? 0, numberOf(info, 'rdb_last_save_time')]
    if (savedAt === undefined || changes <= most || (now - savedAt) * 1000 <= age || !isMeant(info, config)) return []
    const hasAof = info.fields.get('aof_enabled') === '1'
    return [
      {
        about: 'RDB snapshot',
        severity: hasAof ? 'note' : 'warning',
        message: `${counted(changes, 'change')} are newer than the last one, ${ago(now - savedAt)}${hasAof ? ' (the AOF has them)' : ''}`,
        evidence: { changes, ageSeconds: now - savedAt, aof: hasAof },
        remedy: 'Look into the log for why none was made since (persist/failed), or set save points that fit the writes.',
        commands: ['redis-cli CONFIG GET save', 'redis-cli LASTSAVE', 'redis-cli BGSAVE'],
      },
    ]
  },
  blind: ({ info, config }) => (isMeant(info, config) ? undefined : { kind: 'not applicable', why: 'no snapshots are made' }),
})

/** Without save points nobody expects one; where they may not be read, a snapshot in this server's life says that there are some. */
function isMeant(info: Info, config: ConfigFacts | undefined): boolean {
  const save = config?.get('save')
  return save === undefined ? (numberOf(info, 'rdb_last_bgsave_time_sec') ?? -1) >= 0 : save !== ''
}
