import { z } from 'zod'
import { formatDuration } from '../../../core/units.js'
import type { SlowlogFacts } from '../../facts.js'
import { durationOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { numberParameter, unreadable } from '../parameters.js'
import { largest } from '../slow-commands.js'
import { counted } from '../wording.js'

const [THRESHOLD, LENGTH] = ['slowlog-log-slower-than', 'slowlog-max-len']
/** An entry takes up to 4 KB (32 arguments of 128 bytes). */
const MOST_ENTRIES = 16_384

export const rule = defineRule({
  id: 'cfg/slowlog-full',
  severity: 'note',
  summary: 'The slow log is at its length and reaches back only a short time: older entries are lost',
  scope: 'node',
  needs: ['slowlog', 'config', 'now'],
  options: z.strictObject({
    reach: durationOption('1d', 'time that the slow log should reach back'),
    slow: durationOption('1ms', 'threshold of the slow log below which that is to be raised rather than the length'),
  }),
  check({ slowlog, config, now }, { reach, slow }) {
    const length = numberParameter(config, LENGTH, 128)
    const threshold = numberParameter(config, THRESHOLD, 10_000)
    if (length === undefined || length === 0 || slowlog.length < length || loggedEver(slowlog) <= slowlog.length) return []
    const reachSeconds = reachOf(slowlog, now)
    if (reachSeconds * 1000 >= reach) return []
    const tooLow = threshold !== undefined && threshold / 1000 < slow
    const wanted = tooLow ? 10_000 : Math.min(MOST_ENTRIES, powerOfTwo((length * reach) / 1000 / reachSeconds))
    const name = tooLow ? THRESHOLD : LENGTH
    return [
      {
        about: LENGTH,
        message:
          `keeps ${counted(length, 'entry', 'entries')}, which reach back ${formatDuration(Math.round(reachSeconds) * 1000)}; ` +
          `${counted(loggedEver(slowlog), 'command')} were logged since the server started`,
        evidence: { entries: length, reachSeconds, loggedSinceStart: loggedEver(slowlog) },
        remedy: tooLow
          ? `Set ${name} to ${wanted} microseconds: it logs commands that are not slow.`
          : `Set ${name} to ${wanted}, and see what is slow: cmd/slow-repeated, lua/slow.`,
        commands: [`redis-cli CONFIG SET ${name} ${wanted}`, 'redis-cli CONFIG REWRITE'],
        at: { parameter: LENGTH },
      },
    ]
  },
  blind: ({ config }) => unreadable(config, LENGTH),
})

/** How far back it goes, in seconds; of a very long log only the newest entries were read. */
function reachOf({ entries, length }: SlowlogFacts, now: number): number {
  const read = Math.max(1, largest(entries.map(({ at }) => now - at)))
  return entries.length === 0 ? read : (read * Math.max(length, entries.length)) / entries.length
}

/** Ids count up with the server's start, also over SLOWLOG RESET. */
function loggedEver({ entries }: SlowlogFacts): number {
  return largest(entries.map(({ id }) => id + 1))
}

function powerOfTwo(least: number): number {
  return 2 ** Math.ceil(Math.log2(least))
}
