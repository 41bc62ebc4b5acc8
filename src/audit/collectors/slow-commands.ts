import { safeText } from '../../core/text.js'
import { asArray, asNumber, asText } from '../../wire/client.js'
import type { Reply } from '../../wire/decoder.js'
import type { CommandlogFacts, ConfigFacts, LoggedCommand, Reading, SlowlogFacts } from '../facts.js'
import { type Ask, granted } from './ask.js'
import { shapeOf } from './command-shape.js'
import type { Naming } from './naming.js'

/** Entries that are asked for: eight times as many as a server keeps by default, and few enough to be answered within a millisecond. */
const LOG_ENTRIES = 1024

/** SLOWLOG GET and LEN, without the commands of connections that are named `own`. */
export function askSlowlog(naming: Naming, own: string): Ask<SlowlogFacts> {
  return {
    commands: [
      ['SLOWLOG', 'GET', LOG_ENTRIES],
      ['SLOWLOG', 'LEN'],
    ],
    read: ([entries, length]) => ({
      entries: readLog(granted(entries, 'SLOWLOG GET'), naming, own).map(({ measure, ...logged }) => ({
        ...logged,
        microseconds: measure,
      })),
      length: asNumber(granted(length, 'SLOWLOG LEN')),
    }),
  }
}

/** COMMANDLOG GET of requests and replies that were large (Valkey 8.1), likewise. */
export function askCommandlog(naming: Naming, own: string): Ask<CommandlogFacts> {
  return {
    commands: ['large-request', 'large-reply'].map((kind) => ['COMMANDLOG', 'GET', LOG_ENTRIES, kind]),
    read: (replies) => {
      const [largeRequests = [], largeReplies = []] = replies.map((reply) =>
        readLog(granted(reply, 'COMMANDLOG GET'), naming, own).map(({ measure, ...logged }) => ({ ...logged, bytes: measure })),
      )
      return { largeRequests, largeReplies }
    },
  }
}

function readLog(reply: Reply, naming: Naming, own: string): (LoggedCommand & { measure: number })[] {
  const entries = asArray(reply).map((entry) => readEntry(asArray(entry), naming))
  return entries.filter(({ clientName }) => clientName !== own)
}

/** id, Unix time, microseconds or bytes, arguments, and since 4.0 the client's address and name. */
function readEntry([id, at, measure, args, client, clientName]: Reply[], naming: Naming): LoggedCommand & { measure: number } {
  return {
    id: asNumber(id),
    at: asNumber(at),
    measure: asNumber(measure),
    ...shapeOf(asArray(args).map(bytesOf), naming),
    client: safeText(asText(client ?? '')),
    clientName: safeText(asText(clientName ?? '')),
  }
}

function bytesOf(reply: Reply): Uint8Array {
  return Buffer.isBuffer(reply) ? reply : Buffer.from(asText(reply))
}

/** The slow log, which says nothing while it is off: it is empty, and takes no commands. */
export function slowlogOf(slowlog: Reading<SlowlogFacts>, config: Reading<ConfigFacts>): Reading<SlowlogFacts> {
  if (!slowlog.known || slowlog.value.length > 0 || !config.known) return slowlog
  const off = ['slowlog-log-slower-than', 'slowlog-max-len'].find((name, i) => isBelow(config.value.get(name), i))
  return off === undefined ? slowlog : { known: false, why: `nothing is logged: ${off} is ${config.value.get(off)}` }
}

function isBelow(value: string | undefined, bound: number): boolean {
  return value !== undefined && Number(value) < bound
}
