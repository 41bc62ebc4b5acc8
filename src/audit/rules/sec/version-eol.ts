import { z } from 'zod'
import { formatDuration } from '../../../core/units.js'
import type { ServerFacts } from '../../../redis/server-facts.js'
import { durationOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'

/**
 * The day until which a generation gets security fixes. Redis from 6.2 on, as of June 2026:
 * https://redis.io/docs/latest/operate/oss_and_stack/install/version-mgmt/ (those without a date there, 8.4 and later, are left out);
 * older ones: https://endoflife.date/redis. Valkey: https://valkey.io/topics/releases/.
 */
const SUPPORT_ENDS: Record<ServerFacts['engine'], Record<string, string>> = {
  redis: {
    '5.0': '2022-04-27',
    '6.0': '2022-05-31',
    '6.2': '2027-04-01',
    '7.0': '2024-07-29',
    '7.2': '2029-12-01',
    '7.4': '2029-12-01',
    '8.0': '2026-12-01',
    '8.2': '2030-09-01',
  },
  valkey: {
    '7.2': '2029-04-16',
    '8.0': '2027-09-15',
    '8.1': '2030-03-31',
    '9.0': '2028-10-21',
    '9.1': '2031-05-19',
  },
}

/** Redis before 5.0 has long been without support; the day of the last of them stands for all. */
const BEFORE_THE_TABLE = { below: 5, ended: '2020-04-30' }

/** What to go to: the generations with the longest support that take the data and the commands over as they are. */
const UPGRADES: Record<ServerFacts['engine'], string> = {
  redis: 'Redis 8.2 or later, or Valkey 8.1 or later',
  valkey: 'Valkey 9.1 or later',
}

/** Holes that are found after that day stay open. */
export const rule = defineRule({
  id: 'sec/version-eol',
  severity: 'warning',
  summary: 'The engine gets no more security fixes, or soon none',
  needs: ['server', 'now'],
  scope: 'node',
  options: z.strictObject({ ahead: durationOption('90d', 'how long before the end of support it is noted') }),
  check({ server, now }, { ahead }) {
    const generation = generationOf(server)
    const end = endOf(server.engine, generation)
    if (end === undefined) return []
    const leftMs = Date.parse(end) - now * 1000
    return leftMs > ahead ? [] : [finding(server, generation, end, leftMs)]
  },
  blind({ server }) {
    const generation = generationOf(server)
    if (endOf(server.engine, generation) !== undefined) return undefined
    return { kind: 'not assessed', why: `no end of support is known for ${server.engine} ${generation}` }
  },
})

function generationOf({ version }: Pick<ServerFacts, 'version'>): string {
  return version.split('.', 2).join('.')
}

function endOf(engine: ServerFacts['engine'], generation: string): string | undefined {
  const known = SUPPORT_ENDS[engine][generation]
  const isAncient = engine === 'redis' && Number.parseInt(generation, 10) < BEFORE_THE_TABLE.below
  return known ?? (isAncient ? BEFORE_THE_TABLE.ended : undefined)
}

const DAY_MS = 86_400_000

function finding({ engine, version }: ServerFacts, generation: string, end: string, leftMs: number): FindingDraft {
  const days = Math.max(1, Math.round(Math.abs(leftMs) / DAY_MS))
  const time = days === 1 ? '1 day' : formatDuration(days * DAY_MS)
  const ended = leftMs <= 0
  return {
    about: `${engine} ${generation}`,
    message: ended
      ? `has had no security fixes since ${end}, ${time} ago (this is ${version})`
      : `gets security fixes until ${end} only: ${time} left`,
    evidence: { engine, version, supportEnds: end, daysLeft: ended ? -days : days },
    remedy: `Upgrade to ${UPGRADES[engine]}: replicas first, then fail over, then the old primary.`,
    severity: ended ? 'warning' : 'note',
  }
}
