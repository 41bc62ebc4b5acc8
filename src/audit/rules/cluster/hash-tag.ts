import { z } from 'zod'
import type { ServerFacts } from '../../../redis/server-facts.js'
import { bytesOption, countOption, shareOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { shellWord } from '../commands.js'
import { byteCount, keyCount, percent } from '../wording.js'

/** All keys of one hash tag are in one slot, on one node. */
export const rule = defineRule({
  id: 'cluster/hash-tag',
  severity: 'warning',
  summary: 'One hash tag holds a large part of all keys',
  needs: ['keyspace'],
  options: z.strictObject({
    share: shareOption(0.01, 'share of all keys, or of all bytes, above which a tag is reported'),
    keys: countOption(1000, 'keys that it must have for the one'),
    bytes: bytesOption('10MB', 'bytes that it must take for the other'),
  }),
  inapplicable: (server: ServerFacts) => (server.topology === 'cluster' ? undefined : 'not a cluster: hash tags have no effect'),
  check({ keyspace }, { share, keys, bytes }) {
    const all = { keys: keyspace.keys.value, bytes: keyspace.bytes.value }
    return keyspace.hashTags
      .filter(
        (tag) =>
          (tag.keys > share * all.keys && tag.keys >= Math.max(1, keys)) ||
          (tag.bytes > share * all.bytes && tag.bytes >= Math.max(1, bytes)),
      )
      .map((tag) => ({
        about: `{${tag.tag}}`,
        message: `${keyCount(tag.keys)} (${percent(tag.keys / all.keys)}) and ${byteCount(tag.bytes)} (${percent(tag.bytes / all.bytes)}) in one slot`,
        evidence: { keys: tag.keys, bytes: tag.bytes, shareOfKeys: tag.keys / all.keys, shareOfBytes: tag.bytes / all.bytes },
        remedy: 'Put into the tag what commands really use together, such as one user or one order, instead of the name of a feature.',
        commands: [`redis-cli CLUSTER KEYSLOT ${shellWord(`{${tag.tag}}`)}`],
      }))
  },
})
