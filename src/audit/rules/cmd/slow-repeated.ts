import { z } from 'zod'
import { formatDuration } from '../../../core/units.js'
import type { SlowCommand } from '../../facts.js'
import { countOption, durationOption, shareOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { BIG_OPTIONS, onBigKey } from '../linear-commands.js'
import { grouped, isScriptCall, occurrences, senders, slowestMs, slowLately, unlogged } from '../slow-commands.js'

/** Slow by what they are, started by operators and the server's own machinery; KEYS has a rule of its own. */
const ELSEWHERE = new Set(['keys', 'bgsave', 'save', 'bgrewriteaof', 'debug', 'psync', 'sync', 'replconf', 'shutdown'])

export const rule = defineRule({
  id: 'cmd/slow-repeated',
  severity: 'warning',
  summary: 'One kind of command is slow again and again',
  scope: 'node',
  needs: ['slowlog', 'now'],
  wants: ['keyspace', 'config'],
  options: z.strictObject({
    times: countOption(5, 'slow ones of one kind from which it is reported'),
    share: shareOption(0.05, 'and share of all slow commands from which it is'),
    slow: durationOption('10ms', 'time of a command from which it is slow'),
    within: durationOption('7d', 'how far back entries of the slow log count'),
    ...BIG_OPTIONS,
  }),
  check({ slowlog, now, keyspace }, { times, share, ...bounds }) {
    const slow = slowLately(slowlog.entries, now, bounds)
    const isOther = (entry: SlowCommand) => isScriptCall(entry) || ELSEWHERE.has(entry.command)
    // Of O(N) commands on big keys cmd/on-on-big says more.
    const left = slow.filter((entry) => !isOther(entry) && !(keyspace && onBigKey(entry, keyspace, bounds)))
    return [...grouped(left, ({ shape }) => shape)]
      .filter(([, group]) => group.length >= times && group.length >= share * slow.length)
      .map(([shape, group]) => finding(shape, group, slow.length, now))
  },
  blind: ({ config }, options) => unlogged(config, options),
})

function finding(about: string, entries: readonly SlowCommand[], all: number, now: number): FindingDraft {
  const ms = slowestMs(entries)
  const total = entries.reduce((sum, { microseconds }) => sum + microseconds, 0) / 1e6
  const clients = senders(entries)
  return {
    about,
    message: `took up to ${formatDuration(ms)} ${occurrences(entries, now)}${clients === undefined ? '' : `; from ${clients}`}`,
    evidence: {
      entries: entries.length,
      share: entries.length / all,
      slowestSeconds: ms / 1000,
      totalSeconds: total,
      ...(clients === undefined ? {} : { clients }),
    },
    remedy: 'Ask for less at a time, or keep the data in the form in which it is read; nobody else is served while one command runs.',
    commands: ['redis-cli SLOWLOG GET 25'],
    examples: [...new Set(entries.flatMap(({ shownKeys }) => shownKeys.slice(0, 1)))].slice(0, 3),
  }
}
