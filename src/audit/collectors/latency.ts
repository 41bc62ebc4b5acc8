import { safeText } from '../../core/text.js'
import { asArray, asNumber, asText } from '../../wire/client.js'
import type { ConfigFacts, LatencyFacts, Reading } from '../facts.js'
import { type Ask, granted } from './ask.js'

/** LATENCY LATEST: by kind of event the time (Unix), the latest and the longest, in milliseconds (https://redis.io/docs/latest/commands/latency-latest/). */
export const askLatency: Ask<LatencyFacts['events']> = {
  commands: [['LATENCY', 'LATEST']],
  read: ([reply]) =>
    asArray(granted(reply, 'LATENCY LATEST')).map((entry) => {
      const [event, at, latest, max] = asArray(entry)
      return { event: safeText(asText(event)), at: asNumber(at), latestMs: asNumber(latest), maxMs: asNumber(max) }
    }),
}

/** The events with the threshold that the configuration tells; not known while the monitor is off and there are none. */
export function latencyOf(events: Reading<LatencyFacts['events']>, config: Reading<ConfigFacts>): Reading<LatencyFacts> {
  if (!events.known) return events
  const text = config.known ? config.value.get('latency-monitor-threshold') : undefined
  const thresholdMs = text === undefined ? undefined : Number(text)
  if (thresholdMs === 0 && events.value.length === 0) return { known: false, why: 'nothing is recorded: latency-monitor-threshold is 0' }
  return { known: true, value: { thresholdMs, events: events.value } }
}
