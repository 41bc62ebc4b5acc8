import { z } from 'zod'
import { formatBytes, formatNumber } from '../../../core/units.js'
import type { StreamFacts } from '../../facts.js'
import { countOption, shareOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { commandKey, shellWord } from '../commands.js'
import { most } from '../consumer-groups.js'

/** Reading and acknowledging do not shorten a stream: without trimming it takes memory until there is none left. */
export const rule = defineRule({
  id: 'stream/unbounded',
  severity: 'warning',
  summary: 'A long stream grows and is not trimmed',
  needs: ['streams'],
  options: z.strictObject({
    entries: countOption(100_000, 'entries from which a stream is long'),
    trimmed: shareOption(0.1, 'share of the entries ever added that must be gone for a stream to count as trimmed'),
  }),
  check({ streams }, { entries, trimmed }) {
    const found = streams.filter((stream) => stream.growing && stream.entries >= entries && goneShare(stream) < trimmed)
    return byPattern(found).map(({ pattern, of }) => finding(pattern, of))
  },
})

/** How much of what was added is no longer there; 0 before 7.0, which does not count what was added. */
function goneShare({ added, entries }: StreamFacts): number {
  return added > entries ? (added - entries) / added : 0
}

function byPattern(streams: readonly StreamFacts[]): { pattern: string; of: [StreamFacts, ...StreamFacts[]] }[] {
  const found = new Map<string, [StreamFacts, ...StreamFacts[]]>()
  for (const stream of streams) {
    const others = found.get(stream.pattern)
    if (others) others.push(stream)
    else found.set(stream.pattern, [stream])
  }
  return [...found].map(([pattern, of]) => ({ pattern, of }))
}

function finding(pattern: string, streams: [StreamFacts, ...StreamFacts[]]): FindingDraft {
  const longest = most(streams, ({ entries }) => entries)
  const one = streams.length === 1
  const size = `${formatNumber(longest.entries)} entries (${formatBytes(longest.bytes)})`
  const seen = longest.added > 0 ? `${one ? 'is' : 'are'} not trimmed` : 'no trimming was seen'
  return {
    about: pattern,
    message: one ? `grows and ${seen}: ${size}` : `${streams.length} streams grow and ${seen}, the longest has ${size}`,
    evidence: {
      streams: streams.length,
      longestEntries: longest.entries,
      longestBytes: longest.bytes,
      bytes: streams.reduce((sum, { bytes }) => sum + bytes, 0),
      ...(longest.added > 0 ? { added: longest.added } : {}),
    },
    remedy: 'Trim where entries are added, by number or by age; shorten what is there in steps.',
    commands: [
      `XADD ${commandKey(pattern)} MAXLEN ~ 100000 * <field> <value>`,
      `redis-cli XTRIM ${shellWord(longest.key)} MAXLEN '~' 100000 LIMIT 10000`,
    ],
    examples: streams.map(({ key }) => key).slice(0, 3),
  }
}
