import { z } from 'zod'
import { formatBytes, formatDuration } from '../../../core/units.js'
import type { SlowCommand } from '../../facts.js'
import { durationOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { BIG_OPTIONS, onBigKey, type OnBig } from '../linear-commands.js'
import { grouped, occurrences, senders, slowestMs, slowLately, unlogged } from '../slow-commands.js'
import { counted } from '../wording.js'

type Case = SlowCommand & OnBig

export const rule = defineRule({
  id: 'cmd/on-on-big',
  severity: 'warning',
  summary: 'Commands whose time grows with the size of a key are slow on keys that are big',
  scope: 'node',
  needs: ['slowlog', 'keyspace', 'now'],
  wants: ['config'],
  options: z.strictObject({
    ...BIG_OPTIONS,
    slow: durationOption('10ms', 'time of a command from which it is slow'),
    within: durationOption('7d', 'how far back entries of the slow log count'),
  }),
  check({ slowlog, keyspace, now }, options) {
    const cases = slowLately(slowlog.entries, now, options).flatMap((entry) => {
      const big = onBigKey(entry, keyspace, options)
      return big ? [{ ...entry, ...big }] : []
    })
    const byThing = grouped(cases, ({ command, key }) => `${command.toUpperCase()} ${key.pattern}`)
    return [...byThing].map(([about, group]) => finding(about, group, now))
  },
  blind: ({ config }, options) => unlogged(config, options),
})

function finding(about: string, cases: [Case, ...Case[]], now: number): FindingDraft {
  const largest = cases.reduce((most, { key }) => (key.bytes > most.bytes ? key : most), cases[0].key)
  const ms = slowestMs(cases)
  const clients = senders(cases)
  const of = largest.elements === undefined ? '' : `${counted(largest.elements, 'element')}, `
  return {
    about,
    message:
      `took ${cases.length > 1 ? 'up to ' : ''}${formatDuration(ms)} ${occurrences(cases, now)}, ` +
      `on a ${largest.type} of ${of}${formatBytes(largest.bytes)}`,
    evidence: {
      entries: cases.length,
      slowestSeconds: ms / 1000,
      bytes: largest.bytes,
      ...(largest.elements === undefined ? {} : { elements: largest.elements }),
      ...(clients === undefined ? {} : { clients }),
    },
    remedy: cases[0].remedy,
    examples: [...new Set(cases.map(({ key }) => key.key))].slice(0, 3),
  }
}
