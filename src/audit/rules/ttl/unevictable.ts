import { z } from 'zod'
import { bytesOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { leastShare, shareOf, sumOf } from '../estimates.js'
import { byteCount, percent } from '../wording.js'

/** A volatile-* policy may take only keys with a TTL: when the rest fills memory, writes fail as under noeviction. */
export const rule = defineRule({
  id: 'ttl/unevictable',
  severity: 'warning',
  summary: 'The policy evicts only keys with a TTL, and most bytes have none',
  needs: ['server', 'keyspace'],
  options: z.strictObject({
    share: shareOption(0.5, 'share of bytes without a TTL from which it is reported'),
    floor: bytesOption('1MB', 'bytes without a TTL from which it is reported'),
    full: shareOption(0.8, 'share of maxmemory in use from which it is an error'),
  }),
  inapplicable: ({ maxmemoryPolicy }) =>
    maxmemoryPolicy.startsWith('volatile-') ? undefined : `the policy is ${maxmemoryPolicy}, not a volatile one`,
  check: ({ server, keyspace }, { share, floor, full }) => {
    const persistent = sumOf(keyspace.patterns.map((pattern) => pattern.persistent.bytes))
    const stuck = leastShare(persistent, keyspace.bytes)
    if (server.maxmemoryBytes === 0 || stuck <= share || persistent.low < floor) return []
    const used = shareOf(server.usedMemoryBytes, server.maxmemoryBytes)
    return [
      {
        about: 'maxmemory-policy',
        severity: used >= full ? 'error' : 'warning',
        message: `${server.maxmemoryPolicy} evicts only keys with a TTL, and ${percent(shareOf(persistent.value, keyspace.bytes.value))} of all bytes (${byteCount(persistent)}) have none; memory is ${percent(used)} full`,
        evidence: {
          policy: server.maxmemoryPolicy,
          persistentBytes: persistent.value,
          bytes: keyspace.bytes.value,
          persistentShare: shareOf(persistent.value, keyspace.bytes.value),
          usedShare: used,
        },
        remedy: 'Give TTLs to the keys that may go; if this is a cache as a whole, let the policy choose among all keys.',
        commands: ['redis-cli CONFIG SET maxmemory-policy allkeys-lru'],
      },
    ]
  },
})
