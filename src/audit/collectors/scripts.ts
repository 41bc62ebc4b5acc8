import { safeText } from '../../core/text.js'
import { type Info, numberOf } from '../../redis/info.js'
import { asMap, asNumber, asText } from '../../wire/client.js'
import { type Reply, ReplyError } from '../../wire/decoder.js'
import type { Reading, ScriptFacts } from '../facts.js'
import { type Ask, granted } from './ask.js'

/** What FUNCTION STATS tells: a script or function that runs now. A server that is busy with one answers nothing else. */
export interface RunningScript {
  running: ScriptFacts['running']
  busy: boolean
}

/** FUNCTION STATS, since 7.0 (https://redis.io/docs/latest/commands/function-stats/). */
export const askRunningScript: Ask<RunningScript> = {
  commands: [['FUNCTION', 'STATS']],
  read: ([reply]) => {
    if (reply instanceof ReplyError && reply.code === 'BUSY') return { running: undefined, busy: true }
    const running = runningIn(asMap(granted(reply, 'FUNCTION STATS')).get('running_script'))
    // While something runs, only a server that has begun to answer BUSY answers at all.
    return { running, busy: running !== undefined }
  },
}

function runningIn(reply: Reply | undefined): ScriptFacts['running'] {
  if (reply === null || reply === undefined) return undefined
  const script = asMap(reply)
  return { name: safeText(asText(script.get('name'))), milliseconds: asNumber(script.get('duration_ms')) }
}

/** Scripts as INFO counts them, and the one that runs where the server tells: a busy server tells nothing else, not even INFO. */
export function scriptsOf(info: Reading<Info>, stats: Reading<RunningScript>): Reading<ScriptFacts> {
  const running = stats.known ? stats.value.running : undefined
  // Redis 6.0, which has no FUNCTION STATS, tells it by refusing INFO.
  const busy = stats.known ? stats.value.busy : !info.known && /\bBUSY\b/.test(info.why)
  if (!info.known && !busy) return info
  const number = (name: string) => (info.known ? numberOf(info.value, name) : undefined)
  return {
    known: true,
    value: {
      cachedScripts: number('number_of_cached_scripts') ?? 0,
      evictedScripts: number('evicted_scripts') ?? 0,
      bytes: number('used_memory_vm_total') ?? number('used_memory_lua') ?? 0,
      running,
      busy,
    },
  }
}
