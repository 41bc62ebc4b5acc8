import { z } from 'zod'
import { formatDuration, trim } from '../../../core/units.js'
import { defineRule } from '../../rule.js'
import { countOption, durationOption } from '../../rule-options.js'
import { senders } from '../slow-commands.js'
import { countedSince, listed, times } from '../wording.js'

export const rule = defineRule({
  id: 'cmd/keys',
  severity: 'warning',
  summary: 'KEYS was used: nobody else is served while it walks over every key',
  scope: 'node',
  needs: ['counters'],
  wants: ['slowlog'],
  options: z.strictObject({
    calls: countOption(1, 'calls from which it is reported'),
    severe: durationOption('100ms', 'mean time of a call from which it is an error'),
    severe_calls: countOption(10, 'and calls from which it is an error'),
  }),
  check({ counters, slowlog }, { calls: fewest, severe, severe_calls }) {
    const { calls, usec } = counters.commands.get('keys') ?? { calls: 0, usec: 0 }
    if (calls < Math.max(1, fewest)) return []
    const eachMs = usec / 1000 / calls
    const entries = slowlog?.entries.filter(({ command }) => command === 'keys') ?? []
    const [clients, shapes] = [senders(entries), [...new Set(entries.map(({ shape }) => shape))]]
    const logged = clients === undefined ? '' : `; slow ones came from ${clients} as ${listed(shapes)}`
    return [
      {
        about: 'KEYS',
        severity: eachMs >= severe && calls >= severe_calls ? 'error' : 'warning',
        message: `was called ${times(calls)} ${countedSince(counters)}, for ${formatDuration(Number(trim(eachMs, 3)))} each${logged}`,
        evidence: {
          calls,
          secondsPerCall: usec / calls / 1e6,
          countedSeconds: counters.seconds,
          ...(clients === undefined ? {} : { clients }),
        },
        remedy: 'Iterate with SCAN ... MATCH ... COUNT, or keep the names that are looked for in a set; then take KEYS from applications.',
        commands: ["redis-cli --scan --pattern 'session:*' --count 1000", "redis-cli ACL SETUSER '<user>' -keys"],
      },
    ]
  },
})
