import { z } from 'zod'
import { formatBytes } from '../../../core/units.js'
import type { LargeCommand } from '../../facts.js'
import { bytesOption, countOption, durationOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { grouped, isLate, largest, occurrences, senders } from '../slow-commands.js'
import { has } from '../../versions.js'

export const rule = defineRule({
  id: 'cmd/large-io',
  severity: 'warning',
  summary: 'One kind of command moves large requests or replies again and again',
  scope: 'node',
  needs: ['commandlog', 'now'],
  wants: ['config'],
  options: z.strictObject({
    bytes: bytesOption('1MB', 'size of a request or reply from which it is large'),
    times: countOption(5, 'large ones of one kind from which it is reported'),
    within: durationOption('7d', 'how far back entries of the log count'),
  }),
  inapplicable: (server) => (has(server, { valkey: '8.1' }) ? undefined : 'needs Valkey 8.1, which logs large requests and replies'),
  check: ({ commandlog, now }, { bytes, times, within }) =>
    (['reply', 'request'] as const).flatMap((role) => {
      const entries = role === 'reply' ? commandlog.largeReplies : commandlog.largeRequests
      const large = entries.filter((entry) => entry.bytes >= bytes && isLate(entry, now, within))
      return [...grouped(large, ({ shape }) => shape)]
        .filter(([, group]) => group.length >= times)
        .map(([shape, group]) => finding(shape, role, group, now))
    }),
  blind({ config }, { bytes }) {
    const off = ['commandlog-reply-larger-than', 'commandlog-request-larger-than'].filter((name) => {
      const threshold = Number(config?.get(name) ?? 0)
      return threshold < 0 || threshold > bytes
    })
    if (off.length === 0) return undefined
    return { kind: 'not assessed', why: off.map((name) => `${name} is ${config?.get(name)}`).join(', ') }
  },
})

function finding(about: string, role: 'reply' | 'request', entries: readonly LargeCommand[], now: number): FindingDraft {
  const most = largest(entries.map(({ bytes }) => bytes))
  const all = entries.reduce((sum, { bytes }) => sum + bytes, 0)
  const clients = senders(entries)
  return {
    about,
    role,
    message:
      `${role === 'reply' ? 'was answered with' : 'was sent with'} up to ${formatBytes(most)} ${occurrences(entries, now)}` +
      `, ${formatBytes(all)} together${clients === undefined ? '' : `; from ${clients}`}`,
    evidence: { entries: entries.length, largestBytes: most, bytes: all, ...(clients === undefined ? {} : { clients }) },
    remedy:
      role === 'reply'
        ? 'Read in pages (SCAN, HSCAN, SSCAN, ZSCAN, ranges with COUNT or LIMIT), or only the fields that are needed.'
        : 'Send it in pieces: several pipelined commands of some hundred elements, or a value split over keys; compress what is text.',
    commands: [`valkey-cli COMMANDLOG GET 10 large-${role}`],
  }
}
