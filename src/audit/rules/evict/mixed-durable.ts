import { z } from 'zod'
import type { PatternFacts } from '../../facts.js'
import { countOption } from '../../rule-options.js'
import { defineRule, type FindingDraft } from '../../rule.js'
import { sumOf } from '../estimates.js'
import { byteCount, counted, keyCount } from '../wording.js'

/** Queues and other data of record on a server that evicts: what is evicted is lost, and nobody is told. */
export const rule = defineRule({
  id: 'evict/mixed-durable',
  severity: 'error',
  summary: 'Queues or durable data on a server that evicts keys',
  needs: ['server', 'keyspace'],
  options: z.strictObject({ keys: countOption(1, 'durable keys that may be evicted from which it is reported') }),
  inapplicable: ({ maxmemoryPolicy }) => (maxmemoryPolicy === 'noeviction' ? 'the policy is noeviction' : undefined),
  check: ({ server, keyspace }, { keys }) => {
    const policy = server.maxmemoryPolicy
    const atRisk = keyspace.patterns.flatMap((pattern) => (pattern.durable ? (evictable(pattern, policy) ?? []) : []))
    return byOwner(atRisk)
      .filter((group) => group.reduce((sum, each) => sum + each.keys.value, 0) >= keys)
      .map((group) => finding(group, policy, server.maxmemoryBytes))
  },
})

interface AtRisk extends Pick<PatternFacts, 'pattern' | 'keys' | 'bytes' | 'examples'> {
  /** What its keys belong to: the product that writes them, or the pattern itself. */
  owner: string
  declared: boolean
}

/** The part of a pattern that a policy may take: all of it, or the keys with a TTL; undefined when there is none. */
function evictable(pattern: PatternFacts, policy: string): AtRisk | undefined {
  const { keys, bytes, persistent, examples, contract, product } = pattern
  const owner = contract === undefined ? (product ?? pattern.pattern) : pattern.pattern
  const all = { pattern: pattern.pattern, owner, declared: contract?.durability !== undefined, keys, bytes, examples }
  if (policy.startsWith('allkeys-')) return keys.value > 0 ? all : undefined
  if (!policy.startsWith('volatile-') || keys.value <= persistent.keys.value) return undefined
  return { ...all, keys: without(keys, persistent.keys), bytes: without(bytes, persistent.bytes) }
}

function byOwner(all: readonly AtRisk[]): AtRisk[][] {
  const groups = new Map<string, AtRisk[]>()
  for (const each of all) groups.set(each.owner, [...(groups.get(each.owner) ?? []), each])
  return [...groups.values()]
}

function without(whole: PatternFacts['keys'], part: PatternFacts['keys']): PatternFacts['keys'] {
  return { value: whole.value - part.value, low: Math.max(0, whole.low - part.high), high: whole.high - part.low }
}

function finding(group: readonly AtRisk[], policy: string, maxmemoryBytes: number): FindingDraft {
  const [keys, bytes] = [sumOf(group.map((each) => each.keys)), sumOf(group.map((each) => each.bytes))]
  const about = group[0]?.owner ?? ''
  const where = group.length > 1 ? ` in ${counted(group.length, 'pattern')}, such as ${group[0]?.pattern ?? ''},` : ''
  const risk = maxmemoryBytes > 0 ? `may be evicted under ${policy}` : `may be evicted under ${policy} once maxmemory is set`
  return {
    about,
    severity: maxmemoryBytes > 0 ? 'error' : 'warning',
    message: `${keyCount(keys)} (${byteCount(bytes)})${where} ${risk}${group.some(({ declared }) => declared) ? ', though the contract says that they stay' : ''}`,
    evidence: { keys: keys.value, bytes: bytes.value, patterns: group.length, policy, maxmemoryBytes: maxmemoryBytes },
    remedy: 'Move these keys to a server of their own with noeviction, and leave only what may be lost on this one.',
    commands: ['redis-cli INFO stats | grep evicted_keys'],
    examples: group.flatMap(({ examples }) => examples.slice(0, 1)).slice(0, 5),
  }
}
