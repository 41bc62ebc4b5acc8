import { z } from 'zod'
import { formatBytes } from '../../../core/units.js'
import { type Info, numberOf } from '../../../redis/info.js'
import type { ClientBuffer, ClientFacts, ConfigFacts } from '../../facts.js'
import { bytesOption, countOption, shareOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { outputLimit } from '../output-limits.js'
import { counted, percent } from '../wording.js'

const optionsSchema = z.strictObject({
  bytes: bytesOption('10MB', 'memory of one connection from which it is reported'),
  share: shareOption(0.1, 'share of used memory from which all connections together are reported'),
  floor: bytesOption('100MB', 'what they must take for that'),
  connections: countOption(100, 'connections from which it is noted that nothing limits their buffers'),
})

/**
 * Replies that a client does not read wait in the server's memory, which then is missing for keys. Replicas' buffers have limits of
 * their own (repl/lag, repl/resync-loop), subscribers' are judged by pubsub/slow-consumer.
 */
export const rule = defineRule({
  id: 'client/buffers',
  severity: 'warning',
  summary: 'Buffers of clients take much memory, or nothing limits them',
  needs: ['clients'],
  wants: ['config', 'info'],
  scope: 'node',
  options: optionsSchema,
  check({ clients, config, info }, options) {
    const unlimited = config !== undefined && isUnlimited(config)
    return [
      ...large(clients, unlimited, options.bytes),
      ...together(info, options),
      ...(unlimited && clients.total >= options.connections ? [withoutLimit(clients.total)] : []),
    ]
  },
})

/** The limit on one normal client, and from 7.0 on the one on all clients together. */
function isUnlimited(config: ConfigFacts): boolean {
  const limit = outputLimit(config, 'normal')
  const together = config.get('maxmemory-clients') ?? '0'
  return limit !== undefined && limit.hardBytes === 0 && limit.softBytes === 0 && /^0%?$/.test(together)
}

function large({ largest }: ClientFacts, unlimited: boolean, bytes: number): FindingDraft[] {
  const found = largest.filter((client) => client.kind === 'normal' && client.bytes >= bytes)
  const worst = found.toSorted((a, b) => b.bytes - a.bytes)[0]
  if (!worst || worst.bytes === 0) return []
  return [
    {
      about: 'client buffers',
      role: 'one client',
      message: `${described(worst)} takes ${formatBytes(worst.bytes)}${
        found.length > 1 ? ` and ${counted(found.length - 1, 'other connection')} more than ${formatBytes(bytes)} each` : ''
      }${unlimited ? '; nothing limits it' : ''}`,
      evidence: { largestBytes: worst.bytes, outputBytes: worst.outputBytes, connections: found.length, unlimited },
      remedy: 'Ask for less at once (SCAN, LRANGE or ZRANGE in pages, shorter pipelines) and read replies as they come.',
      commands: ['redis-cli CLIENT LIST', 'redis-cli CONFIG SET client-output-buffer-limit "normal 256mb 64mb 60"'],
    },
  ]
}

function described({ client, lastCommand }: ClientBuffer): string {
  return lastCommand === '' ? client : `${client} (last command ${lastCommand})`
}

function together(info: Info | undefined, { share, floor }: z.infer<typeof optionsSchema>): FindingDraft[] {
  const bytes = info && numberOf(info, 'mem_clients_normal')
  const used = info && numberOf(info, 'used_memory')
  if (!bytes || !used || bytes < floor || bytes < share * used) return []
  return [
    {
      about: 'client buffers',
      role: 'all clients',
      message: `all connections together take ${formatBytes(bytes)}, ${percent(bytes / used)} of the memory in use`,
      evidence: { bytes, usedBytes: used, share: bytes / used },
      remedy: 'Limit what all clients together may take; the server then disconnects the largest.',
      commands: ['redis-cli CONFIG SET maxmemory-clients 10%'],
    },
  ]
}

function withoutLimit(connections: number): FindingDraft {
  return {
    about: 'client buffers',
    role: 'limit',
    message: `of ${counted(connections, 'connection')} have no limit: neither client-output-buffer-limit nor maxmemory-clients is set`,
    evidence: { connections },
    remedy: 'Set a limit that no healthy client reaches.',
    commands: ['redis-cli CONFIG SET maxmemory-clients 10%', 'redis-cli CONFIG SET client-output-buffer-limit "normal 256mb 64mb 60"'],
    severity: 'note',
  }
}
