import { z } from 'zod'
import type { SentinelFacts } from '../../facts.js'
import { countOption } from '../../rule-options.js'
import { shellWord } from '../commands.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { counted, listed } from '../wording.js'

type Master = SentinelFacts['masters'][number]

/** A failover needs as many sentinels as the quorum to agree, and a majority of all that are known to elect a leader. */
export const rule = defineRule({
  id: 'sentinel/quorum',
  severity: 'error',
  summary: 'Too few sentinels can be reached for a failover',
  needs: ['sentinel'],
  options: z.strictObject({ sentinels: countOption(3, 'sentinels that each primary should have') }),
  check: ({ sentinel }, { sentinels }) =>
    sentinel.masters.flatMap((master) => {
      const failover = withoutFailover(master)
      return failover ? [failover] : tooFew(master, sentinels)
    }),
})

function withoutFailover(master: Master): FindingDraft | undefined {
  // The one that was asked counts itself.
  const known = master.sentinels.length + 1
  const lost = master.sentinels.filter(({ reachable }) => !reachable).map(({ address }) => address)
  const reachable = known - lost.length
  const majority = Math.floor(known / 2) + 1
  if (reachable >= master.quorum && reachable >= majority) return undefined
  const needed = reachable < master.quorum ? `the quorum is ${master.quorum}` : `a leader needs ${majority} votes`
  return {
    about: `primary ${master.name}`,
    message: `can't fail over: ${reachable} of ${counted(known, 'sentinel')} can be reached and ${needed}${lost.length > 0 ? ` (lost: ${listed(lost)})` : ''}`,
    evidence: { known, reachable, quorum: master.quorum, majority },
    remedy:
      master.quorum > known
        ? 'Start more sentinels, or lower the quorum to a majority of those that there are.'
        : 'Start the lost sentinels or repair the network between them; forget those that are gone for good on every sentinel, one after the other.',
    commands: [
      `redis-cli -p 26379 SENTINEL CKQUORUM ${shellWord(master.name, 'primary')}`,
      master.quorum > known
        ? `redis-cli -p 26379 SENTINEL SET ${shellWord(master.name, 'primary')} quorum ${majority}`
        : `redis-cli -p 26379 SENTINEL RESET ${shellWord(master.name, 'primary')}`,
    ],
  }
}

function tooFew(master: Master, wanted: number): FindingDraft[] {
  const known = master.sentinels.length + 1
  if (known >= wanted) return []
  return [
    {
      about: `primary ${master.name}`,
      role: 'too few',
      message: `has ${counted(known, 'sentinel')}: when one more machine fails, nobody can elect a new primary`,
      evidence: { known, wanted },
      remedy: `Run at least ${wanted} sentinels, on machines that don't fail together.`,
      commands: [`redis-cli -p 26379 SENTINEL CKQUORUM ${shellWord(master.name, 'primary')}`],
      severity: 'warning',
    },
  ]
}
