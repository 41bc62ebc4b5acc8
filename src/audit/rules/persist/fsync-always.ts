import { z } from 'zod'
import { formatDuration } from '../../../core/units.js'
import { durationOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { isLate, largest } from '../slow-commands.js'

export const rule = defineRule({
  id: 'persist/fsync-always',
  severity: 'warning',
  summary: 'Every write waits for the disk (appendfsync always), and the disk is slow',
  scope: 'node',
  needs: ['config'],
  wants: ['latency', 'now'],
  options: z.strictObject({
    fsync: durationOption('20ms', 'time of an AOF event of the latency monitor from which it is reported'),
    within: durationOption('7d', 'and how recently the last one was'),
  }),
  check({ config, latency, now }, { fsync, within }) {
    if (config.get('appendonly')?.toLowerCase() !== 'yes' || config.get('appendfsync')?.toLowerCase() !== 'always') return []
    const waits = latency?.events.filter(({ event, at }) => event.startsWith('aof-') && (now === undefined || isLate({ at }, now, within)))
    const longestMs = largest((waits ?? []).map(({ maxMs }) => maxMs))
    if (waits && longestMs < fsync) return []
    return [
      {
        about: 'appendfsync',
        severity: waits ? 'warning' : 'note',
        message: waits
          ? `is always, and everybody waited for the disk for up to ${formatDuration(longestMs)}`
          : 'is always: every write waits for the disk; for how long is not recorded',
        evidence: { ...(waits ? { longestSeconds: longestMs / 1000, kinds: waits.map(({ event }) => event).join(', ') } : {}) },
        remedy: waits
          ? 'Set everysec unless every write has to be on disk before it is answered, or move the AOF to a disk with a protected write cache.'
          : 'Set everysec unless every write has to be on disk before it is answered; latency-monitor-threshold 20 shows what it costs.',
        commands: [waits ? 'redis-cli CONFIG SET appendfsync everysec' : 'redis-cli CONFIG SET latency-monitor-threshold 20'],
        at: { parameter: 'appendfsync' },
      },
    ]
  },
})
