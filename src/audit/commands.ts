import type { Since } from './versions.js'

/** A command that an audit may send. */
export interface AuditCommand {
  /** As ACL rules name it: `scan`, `config|get`. */
  name: string
  /** Versions that have it. */
  since: Since
  /** Who answers it: sentinels are asked for nothing but what they watch. */
  at: 'server' | 'sentinel' | 'both'
}

const EVERY: Since = { redis: '6.0', valkey: '7.2' }

/**
 * All that an audit sends, and so all that its user must be allowed: nothing that writes, administers, or shows what a key
 * holds. Logging in (AUTH, HELLO) needs no permission of its own, but HELLO of a user who is logged in does.
 */
export const AUDIT_COMMANDS: readonly AuditCommand[] = [
  ...on('both', EVERY, 'ping hello info client|setname'),
  ...on('server', EVERY, 'select dbsize scan type pttl memory|usage object|encoding object|idletime object|freq'),
  ...on('server', EVERY, 'hlen llen scard zcard xlen xpending xinfo|stream xinfo|groups xinfo|consumers'),
  ...on('server', EVERY, 'config|get slowlog|get slowlog|len latency|latest client|list acl|list acl|log'),
  ...on('server', EVERY, 'readonly cluster|info cluster|nodes cluster|myid cluster|countkeysinslot'),
  ...on('server', { redis: '7.0', valkey: '7.2' }, 'function|stats'),
  ...on('server', { redis: '7.2', valkey: '7.2' }, 'client|no-touch'),
  ...on('server', { redis: '8.2', valkey: '8.0' }, 'cluster|slot-stats'),
  ...on('server', { valkey: '8.1' }, 'commandlog|get'),
  ...on('sentinel', EVERY, 'sentinel|masters sentinel|sentinels sentinel|replicas sentinel|get-master-addr-by-name'),
]

function on(at: AuditCommand['at'], since: Since, names: string): AuditCommand[] {
  return names.split(' ').map((name) => ({ name, since, at }))
}
