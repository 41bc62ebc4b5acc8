import { z } from 'zod'
import { type Info, numberOf } from '../../../redis/info.js'
import type { Counters } from '../../facts.js'
import { countOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { counted, keyCount, percent } from '../wording.js'

/** Keys whose time is over take memory until the server finds the time to delete them. */
export const rule = defineRule({
  id: 'ttl/expiry-backlog',
  severity: 'warning',
  summary: 'Expired keys wait to be deleted: the server does not keep up',
  scope: 'node',
  needs: ['info', 'counters'],
  options: z.strictObject({
    stale: shareOption(0.1, 'share of keys with a TTL that are expired and not yet deleted from which it is reported'),
    keys: countOption(1000, 'keys with a TTL from which that share is judged'),
    time_caps: countOption(1, 'expiry cycles a minute that ran out of time from which it is reported'),
  }),
  check: ({ info, counters }, { stale, keys, time_caps }) => {
    if (isReplica(info)) return []
    const share = (numberOf(info, 'expired_stale_perc') ?? 0) / 100
    const withTtl = expiringKeys(info)
    const caps = timeCapsPerMinute(counters)
    const behind = share > stale && withTtl >= keys
    if (!behind && caps < time_caps) return []
    const waiting = `about ${percent(share)} of ${keyCount(withTtl)} with a TTL are expired and not yet deleted`
    const cut = `${counted(caps, 'expiry cycle')} a minute ran out of time`
    return [
      {
        about: 'active expiry',
        message: [behind ? waiting : '', caps >= time_caps ? cut : ''].filter(Boolean).join('; '),
        evidence: { staleShare: share, keysWithTtl: withTtl, timeCapsPerMinute: caps },
        remedy: 'Let expiry work harder (it takes more CPU), and spread the TTLs of keys that are written together.',
        commands: ['redis-cli CONFIG SET active-expire-effort 5'],
      },
    ]
  },
  blind: ({ info }) => (isReplica(info) ? { kind: 'not applicable', why: 'a replica does not expire keys: its primary does' } : undefined),
})

function isReplica(info: Info): boolean {
  return info.fields.get('role') === 'slave'
}

/** `db0:keys=10,expires=4,avg_ttl=7` */
function expiringKeys(info: Info): number {
  const databases = [...(info.sections.get('keyspace') ?? [])].filter(([name]) => /^db\d+$/.test(name))
  return databases.reduce((sum, [, line]) => sum + Number(/\bexpires=(\d+)/.exec(line)?.[1] ?? 0), 0)
}

/** The higher of the rate over the time that the counters span, and that while the audit ran. */
function timeCapsPerMinute(counters: Counters): number {
  const field = 'expired_time_cap_reached_count'
  const rate = (count: number, over: number) => (over > 0 ? (60 * count) / over : 0)
  return Math.max(rate(counters.grown(field), counters.seconds), rate(counters.during.grown(field), Math.max(counters.during.seconds, 1)))
}
