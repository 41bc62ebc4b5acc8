import { z } from 'zod'
import { formatBytes, formatNumber } from '../../../core/units.js'
import { defineRule } from '../../rule.js'
import { countOption } from '../../rule-options.js'
import { counted, countedSince } from '../wording.js'

export const rule = defineRule({
  id: 'lua/dynamic',
  severity: 'warning',
  summary: 'Scripts are made at run time: each new text is compiled and kept',
  scope: 'node',
  needs: ['scripts'],
  wants: ['counters'],
  options: z.strictObject({
    scripts: countOption(1000, 'cached scripts above which it is reported'),
    // Redis 7.4 and Valkey 8.0 keep the 500 that EVAL used last: what is evicted came on top of those.
    evicted: countOption(100, 'or evicted scripts from which it is'),
  }),
  check({ scripts, counters }, { scripts: most, evicted: fewest }) {
    const { cachedScripts: cached, bytes } = scripts
    const evicted = counters ? counters.grown('evicted_scripts') : scripts.evictedScripts
    if (cached <= most && (evicted === 0 || evicted < fewest)) return []
    const dropped = evicted === 0 ? '' : ` and ${formatNumber(evicted)} were evicted${counters ? ` ${countedSince(counters)}` : ''}`
    return [
      {
        about: 'script cache',
        message: `${counted(cached, 'script')} are cached${dropped}; Lua holds ${formatBytes(bytes)}`,
        evidence: { cachedScripts: cached, evictedScripts: evicted, bytes },
        remedy:
          'Send one constant text per script, with what varies in KEYS and ARGV, and call it with EVALSHA; ' +
          'a value that is pasted into the text makes a new script of it each time.',
        commands: ["redis-cli INFO | grep -E 'number_of_cached_scripts|evicted_scripts|used_memory_(lua|vm|scripts)'"],
      },
    ]
  },
})
