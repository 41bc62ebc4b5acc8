import { z } from 'zod'
import { type Info } from '../../../redis/info.js'
import { formatNumber } from '../../../core/units.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { countOption, shareOption } from '../../rule-options.js'
import type { Counters } from '../../facts.js'
import { needsRedis } from '../versions.js'
import { counted, countedSince, listed, percent } from '../wording.js'

interface Bounds {
  share: number
  errors: number
}

export const rule = defineRule({
  id: 'cmd/errors',
  severity: 'warning',
  summary: 'Commands are refused or fail, more than now and then',
  scope: 'node',
  needs: ['counters'],
  wants: ['info'],
  options: z.strictObject({
    share: shareOption(0.01, 'share of the calls of a command above which errors are reported'),
    errors: countOption(1000, 'and errors of a command above which they are'),
  }),
  inapplicable: (server) => needsRedis(server, '6.2'),
  check({ counters, info }, bounds) {
    const kinds = info ? errorKinds(info) : ''
    return [...counters.commands]
      .flatMap(([name, counts]) => failing(name, counts, counters, bounds))
      .concat(unknown(counters, bounds))
      .map((finding) => (kinds === '' ? finding : { ...finding, evidence: { ...finding.evidence, errorsOfAllCommands: kinds } }))
  },
})

function failing(
  name: string,
  { calls, rejected, failed }: { calls: number; rejected: number; failed: number },
  counters: Counters,
  { share, errors: floor }: Bounds,
): FindingDraft[] {
  // What was rejected did not run, and is not among the calls.
  const [errors, tried] = [rejected + failed, calls + rejected]
  if (errors <= floor || errors / tried <= share) return []
  const how = [rejected > 0 ? `${formatNumber(rejected)} refused before they ran` : '', failed > 0 ? `${formatNumber(failed)} failed` : '']
  return [
    {
      about: name.replace('|', ' ').toUpperCase(),
      message: `${percent(errors / tried)} of ${counted(tried, 'call')} ended in an error ${countedSince(counters)}: ${listed(how.filter(Boolean))}`,
      evidence: { errors, rejected, failed, calls: tried, share: errors / tried, countedSeconds: counters.seconds },
      remedy:
        rejected > failed
          ? 'See in INFO errorstats why: NOPERM and NOAUTH are rights, OOM is maxmemory, MOVED a client that does not follow the cluster, ERR wrong arguments.'
          : 'See in INFO errorstats why: WRONGTYPE is a key of another type, NOSCRIPT an EVALSHA without its EVAL, BUSYGROUP a group that is there.',
      commands: ['redis-cli INFO errorstats', 'redis-cli INFO commandstats'],
    },
  ]
}

/** Commands that the server does not have are counted nowhere but among all error replies. */
function unknown(counters: Counters, { share, errors: floor }: Bounds): FindingDraft[] {
  let known = 0
  for (const { rejected, failed } of counters.commands.values()) known += rejected + failed
  const errors = counters.grown('total_error_replies') - known
  const tried = counters.grown('total_commands_processed') + errors
  if (errors <= floor || errors / tried <= share) return []
  return [
    {
      about: 'commands that the server does not have',
      message: `${counted(errors, 'error')} of no command that it knows ${countedSince(counters)}, ${percent(errors / tried)} of all calls`,
      evidence: { errors, calls: tried, share: errors / tried, countedSeconds: counters.seconds },
      remedy:
        'Find the client that speaks of a newer version or of a module (its log says "unknown command"), and upgrade the server or change the client.',
      commands: ['redis-cli INFO errorstats'],
    },
  ]
}

/** `MOVED 12k, NOSCRIPT 300`: the most frequent kinds since the server started. */
function errorKinds(info: Info): string {
  const kinds = [...(info.sections.get('errorstats') ?? [])].flatMap(([name, value]) => {
    const count = /^count=(\d+)$/.exec(value)?.[1]
    return count === undefined ? [] : [{ kind: name.replace(/^errorstat_/, ''), count: Number(count) }]
  })
  const most = kinds.toSorted((a, b) => b.count - a.count).slice(0, 5)
  return most.map(({ kind, count }) => `${kind} ${formatNumber(count)}`).join(', ')
}
