import { z } from 'zod'
import type { ConfigFacts, KeyFacts, KeyspaceFacts } from '../../facts.js'
import { countOption } from '../../rule-options.js'
import { defineRule } from '../../rule.js'
import { isOff, unreadable } from '../parameters.js'
import { counted, listed } from '../wording.js'

/** What each parameter moves into another thread. */
const PARAMETERS = ['lazyfree-lazy-user-del', 'lazyfree-lazy-server-del', 'lazyfree-lazy-expire', 'lazyfree-lazy-eviction'] as const

export const rule = defineRule({
  id: 'cfg/lazyfree-off',
  severity: 'warning',
  summary: 'Big keys are freed while everybody waits: lazyfree-lazy-* is no',
  scope: 'node',
  needs: ['config'],
  wants: ['keyspace'],
  options: z.strictObject({ elements: countOption(50_000, 'elements from which freeing a key takes long') }),
  check({ config, keyspace }, { elements }) {
    const big = keyspace && bigKeys(keyspace, elements)
    const off = PARAMETERS.filter((name) => isOff(config, name) && matters(name, config, big))
    const [first] = off
    if (first === undefined || big?.length === 0) return []
    return [
      {
        about: 'lazyfree',
        severity: big ? 'warning' : 'note',
        message: `is off for ${listed(off.map(shortName), 4)}${big ? `, and ${whatIsBig(big)}` : ': a big key is freed while everybody waits'}`,
        evidence: { off: off.join(', '), ...(big ? { bigKeys: big.length, mostElements: big[0]!.elements ?? 0 } : {}) },
        remedy: 'Set them to yes, as Valkey 8.0 has them by default: memory is then freed in another thread, as UNLINK does it.',
        commands: [...off.map((name) => `redis-cli CONFIG SET ${name} yes`), 'redis-cli CONFIG REWRITE'],
        ...(big ? { examples: big.slice(0, 3).map(({ key }) => key) } : {}),
        at: { parameter: first },
      },
    ]
  },
  blind({ config, keyspace }) {
    if (keyspace && !keyspace.complete) return { kind: 'not assessed', why: 'the scan ended before it had read all keys' }
    return unreadable(config, ...PARAMETERS)
  },
})

/** `user-del` for `lazyfree-lazy-user-del` */
function shortName(parameter: string): string {
  return parameter.replace('lazyfree-lazy-', '')
}

/** Collections that are freed element by element, largest first; undefined where lengths were not read. */
function bigKeys(keyspace: KeyspaceFacts, elements: number): KeyFacts[] | undefined {
  if (keyspace.lengths === 'none') return undefined
  const big = keyspace.top.elements.filter((key) => key.type !== 'string' && (key.elements ?? 0) >= elements)
  return big.toSorted((a, b) => (b.elements ?? 0) - (a.elements ?? 0))
}

function matters(name: (typeof PARAMETERS)[number], config: ConfigFacts, big: readonly KeyFacts[] | undefined): boolean {
  if (name === 'lazyfree-lazy-eviction') return (config.get('maxmemory-policy') ?? 'noeviction') !== 'noeviction'
  if (name === 'lazyfree-lazy-expire') return big === undefined || big.some(({ ttlSeconds }) => ttlSeconds !== undefined)
  return true
}

function whatIsBig([largest, ...others]: readonly KeyFacts[]): string {
  if (largest === undefined) return ''
  const rest = others.length === 0 ? '' : `, and ${counted(others.length, 'other key is', 'other keys are')} big too`
  return `a ${largest.type} of ${largest.pattern} has ${counted(largest.elements ?? 0, 'element')}${rest}`
}
