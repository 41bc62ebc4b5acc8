import { z } from 'zod'
import { formatDuration } from '../../../core/units.js'
import type { SentinelFacts } from '../../facts.js'
import { durationOption } from '../../rule-options.js'
import { shellWord } from '../commands.js'
import { defineRule, type FindingDraft } from '../../rule.js'

const optionsSchema = z.strictObject({
  failover: durationOption('180s', 'failover-timeout above which it is reported'),
  down: durationOption('60s', 'down-after-milliseconds above which it is reported'),
  hasty: durationOption('1s', 'down-after-milliseconds below which it is reported'),
})
type Options = z.infer<typeof optionsSchema>

/** The time that an outage lasts is the time until it is noticed, and the time between attempts to end it. */
export const rule = defineRule({
  id: 'sentinel/timeouts',
  severity: 'warning',
  summary: 'Sentinels notice failures very late or very early, or wait long between attempts',
  needs: ['sentinel'],
  options: optionsSchema,
  check: ({ sentinel }, options) => sentinel.masters.flatMap((master) => [...noticing(master, options), ...failing(master, options)]),
})

type Master = SentinelFacts['masters'][number]

function noticing({ name, downAfterMs }: Master, { down, hasty }: Options): FindingDraft[] {
  const late = downAfterMs > down
  if (!late && downAfterMs >= hasty) return []
  return [
    {
      about: `primary ${name}`,
      role: 'down-after-milliseconds',
      message: late
        ? `is missing for ${formatDuration(downAfterMs)} before anybody takes it for down`
        : `is taken for down after ${formatDuration(downAfterMs)}: a slow command or a fork is enough for a failover`,
      evidence: { downAfterSeconds: downAfterMs / 1000 },
      remedy: `Set ${late ? 'a time that an outage may last' : 'a time that no healthy server is silent for'} on every sentinel.`,
      commands: [`redis-cli -p 26379 SENTINEL SET ${shellWord(name, 'primary')} down-after-milliseconds ${late ? 30_000 : 5000}`],
    },
  ]
}

function failing({ name, failoverTimeoutMs }: Master, { failover }: Options): FindingDraft[] {
  if (failoverTimeoutMs <= failover) return []
  return [
    {
      about: `primary ${name}`,
      role: 'failover-timeout',
      message: `is tried again only after ${formatDuration(2 * failoverTimeoutMs)} when a failover does not succeed (failover-timeout ${formatDuration(failoverTimeoutMs)})`,
      evidence: { failoverTimeoutSeconds: failoverTimeoutMs / 1000 },
      remedy: 'Lower it on every sentinel.',
      commands: [`redis-cli -p 26379 SENTINEL SET ${shellWord(name, 'primary')} failover-timeout 60000`],
    },
  ]
}
