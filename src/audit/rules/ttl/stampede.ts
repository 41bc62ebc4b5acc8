import { z } from 'zod'
import { formatDuration } from '../../../core/units.js'
import type { PatternFacts } from '../../facts.js'
import { countOption, shareOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { usualTtl } from '../../usual-ttl.js'
import { commandKey } from '../commands.js'
import { inferred, shareOf } from '../estimates.js'
import { keyCount, percent } from '../wording.js'

const options = z.strictObject({
  share: shareOption(0.2, 'share of a pattern that expires within one minute from which it is reported'),
  keys: countOption(1000, 'keys that expire within one minute from which it is reported'),
  unevenness: countOption(2, 'how many times the share that an even spread would put into one minute'),
})

/** Keys that were written together with one TTL go together: whatever they cached is computed anew at once. */
export const rule = defineRule({
  id: 'ttl/stampede',
  severity: 'warning',
  summary: 'A large part of a pattern expires within one minute',
  needs: ['keyspace'],
  options,
  check: ({ keyspace }, limits) => keyspace.patterns.flatMap((pattern) => judge(pattern, limits)),
})

function judge(pattern: PatternFacts, { share, keys, unevenness }: z.infer<typeof options>): FindingDraft[] {
  const { peakMinute: peak, ttl } = pattern
  if (pattern.other || !peak || !ttl) return []
  const peakShare = shareOf(peak.keys, pattern.keys.value)
  // Where nothing lives longer than some minutes, each of them sees a large part go, and nothing is wrong.
  const evenShare = shareOf(60, ttl.max)
  if (inferred(peak.keys, pattern).low <= keys || peakShare <= share || peakShare < unevenness * evenShare) return []
  return [finding(pattern, peak, peakShare, ttl.max)]
}

function finding(pattern: PatternFacts, peak: { at: number; keys: number }, peakShare: number, longestSeconds: number): FindingDraft {
  const ttl = usualTtl(longestSeconds)
  const jitter = Math.max(60, Math.ceil(ttl / 10))
  return {
    about: pattern.pattern,
    message: `${percent(peakShare)} of ${keyCount(pattern.keys)} expire within the minute of ${minuteOf(peak.at)}`,
    evidence: { keys: pattern.keys.value, peakKeys: peak.keys, peakShare: peakShare, peakAtSeconds: peak.at },
    remedy: `Add a random part to each TTL, such as up to ${formatDuration(jitter * 1000)} here.`,
    commands: [`SET ${commandKey(pattern.pattern)} <value> EX <${ttl} + random(0 to ${jitter})>`],
    examples: pattern.examples,
  }
}

/** `2026-11-22 09:14 UTC` */
function minuteOf(unixSeconds: number): string {
  return `${new Date(unixSeconds * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
