import { z } from 'zod'
import { type Info, numberOf } from '../../../redis/info.js'
import type { ConfigFacts } from '../../facts.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { ago, counted } from '../wording.js'

export const rule = defineRule({
  id: 'persist/failed',
  severity: 'error',
  summary: 'The last snapshot, AOF write or AOF rewrite failed',
  scope: 'node',
  needs: ['info', 'now'],
  wants: ['config'],
  options: z.strictObject({}),
  check: ({ info, now, config }) => [...snapshot(info, now, config), ...aofWrite(info), ...aofRewrite(info)],
})

const failed = (info: Info, field: string) => info.fields.get(field) === 'err'
const LOOK = 'Look into the server’s log for the reason: a full disk, a directory that it may not write, or a fork without memory (cfg/os).'

function snapshot(info: Info, now: number, config: ConfigFacts | undefined): FindingDraft[] {
  if (!failed(info, 'rdb_last_bgsave_status')) return []
  const savedAgo = Math.max(0, now - (numberOf(info, 'rdb_last_save_time') ?? now))
  const changes = numberOf(info, 'rdb_changes_since_last_save') ?? 0
  // Without save points it was asked for by hand, by a backup or by a replica, and no client is refused.
  const isConfigured = config?.get('save') !== ''
  const refuses = isConfigured && config?.get('stop-writes-on-bgsave-error') !== 'no'
  const effect = refuses ? `; writes ${config ? 'are' : 'may be'} refused with MISCONF until one succeeds` : ''
  return [
    {
      about: 'RDB snapshot',
      severity: isConfigured ? 'error' : 'warning',
      message: `the last one failed; what is on disk is from ${ago(savedAgo)}, ${counted(changes, 'change')} before${effect}`,
      evidence: { savedSecondsAgo: savedAgo, changesSince: changes, writesRefused: refuses },
      remedy: `${LOOK} Then save again.`,
      commands: ['redis-cli CONFIG GET dir', 'redis-cli BGSAVE', 'redis-cli INFO persistence | grep rdb_last_bgsave_status'],
    },
  ]
}

function aofWrite(info: Info): FindingDraft[] {
  if (!failed(info, 'aof_last_write_status')) return []
  return [
    {
      about: 'AOF write',
      message: 'the last one failed; writes are refused with MISCONF until one succeeds',
      evidence: { aofBytes: numberOf(info, 'aof_current_size') ?? 0 },
      remedy: `${LOOK} The server tries again by itself as soon as it can write.`,
      commands: ['redis-cli CONFIG GET appenddirname', 'redis-cli INFO persistence | grep aof_last_write_status'],
    },
  ]
}

function aofRewrite(info: Info): FindingDraft[] {
  if (!failed(info, 'aof_last_bgrewrite_status')) return []
  return [
    {
      about: 'AOF rewrite',
      severity: 'warning',
      message: 'the last one failed; the file keeps growing, and a restart takes longer',
      evidence: { aofBytes: numberOf(info, 'aof_current_size') ?? 0, aofBaseBytes: numberOf(info, 'aof_base_size') ?? 0 },
      remedy: `${LOOK} Then rewrite it again.`,
      commands: ['redis-cli BGREWRITEAOF', 'redis-cli INFO persistence | grep aof_last_bgrewrite_status'],
    },
  ]
}
