import { z } from 'zod'
import { numberOf, type Info } from '../../../redis/info.js'
import type { ConfigFacts, Counters } from '../../facts.js'
import { countOption, shareOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { counted, countedSince, percent } from '../wording.js'

/** At maxclients every new connection is refused, the operator's too. */
export const rule = defineRule({
  id: 'client/near-max',
  severity: 'warning',
  summary: 'Connections come close to maxclients, or have been refused',
  needs: ['info', 'counters'],
  wants: ['config'],
  scope: 'node',
  options: z.strictObject({
    warn: shareOption(0.8, 'share of maxclients from which it warns'),
    error: shareOption(0.95, 'share of maxclients from which it is an error'),
    connections: countOption(20, 'connections below which it says nothing about their share'),
    rejected: countOption(10, 'refused connections from which they are reported'),
  }),
  check({ info, counters, config }, options) {
    const max = maxclients(info, config)
    const connected = numberOf(info, 'connected_clients') ?? 0
    return [...nearLimit(connected, max, options), ...refusals(counters, max, options.rejected)]
  },
  blind: ({ info, config }) =>
    maxclients(info, config) === undefined ? { kind: 'not assessed', why: 'neither INFO nor CONFIG GET tells maxclients' } : undefined,
})

/** INFO tells it from 6.2 on. */
function maxclients(info: Info, config: ConfigFacts | undefined): number | undefined {
  return numberOf(info, 'maxclients') ?? (Number(config?.get('maxclients')) || undefined)
}

function nearLimit(
  connected: number,
  max: number | undefined,
  options: { warn: number; error: number; connections: number },
): FindingDraft[] {
  if (max === undefined || connected < options.connections || connected < options.warn * max) return []
  const share = connected / max
  return [
    {
      about: 'maxclients',
      message: `is nearly reached: ${counted(connected, 'connection')} of ${max} (${percent(share)})`,
      evidence: { connections: connected, maxclients: max, share },
      remedy:
        'Find who holds the connections and share pools; raise maxclients only if all of them are needed and the file limit allows it.',
      commands: ['redis-cli CLIENT LIST', `redis-cli CONFIG SET maxclients ${max * 2}`],
      severity: share >= options.error ? 'error' : 'warning',
    },
  ]
}

function refusals(counters: Counters, max: number | undefined, floor: number): FindingDraft[] {
  const rejected = counters.grown('rejected_connections')
  if (rejected === 0 || rejected < floor) return []
  const now = counters.during.grown('rejected_connections') > 0
  return [
    {
      about: 'maxclients',
      role: 'rejected',
      message: `had ${counted(rejected, 'connection')} refused ${countedSince(counters)}${now ? ', some of them while the audit ran' : ''}`,
      evidence: { rejectedConnections: rejected, seconds: counters.seconds, ...(max === undefined ? {} : { maxclients: max }) },
      remedy: 'Look for the burst of connections behind it: pools that are not shared, or a deployment that restarts everything at once.',
      commands: ['redis-cli INFO clients', 'redis-cli CLIENT LIST'],
      severity: now ? 'error' : 'warning',
    },
  ]
}
