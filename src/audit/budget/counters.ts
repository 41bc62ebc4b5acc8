import { type Info, numberOf, parseInfo } from '../../redis/info.js'
import { asText } from '../../wire/client.js'
import { type Reply, ReplyError } from '../../wire/decoder.js'
import { encodeCommand } from '../../wire/encode.js'

/** Two small sections, in two commands: several sections at once are a syntax error before 7.0. */
export const READ_COUNTERS = { commands: 2, bytes: Buffer.concat([encodeCommand(['INFO', 'cpu']), encodeCommand(['INFO', 'stats'])]) }

export interface ServerCounters {
  /** CPU time of the thread that runs commands; of the process before 7.0, which does not tell them apart. */
  cpuSeconds: number | undefined
  evicted: number | undefined
}

/** Reads the replies to READ_COUNTERS; what was refused is undefined. */
export function countersOf(replies: readonly Reply[]): ServerCounters {
  const [cpu, stats] = replies.map((reply) => (reply instanceof ReplyError ? undefined : parseInfo(asText(reply))))
  return { cpuSeconds: cpu && cpuSecondsOf(cpu), evicted: stats && numberOf(stats, 'evicted_keys') }
}

function cpuSecondsOf(info: Info): number | undefined {
  const sum = (...names: string[]) =>
    names.reduce<number | undefined>((total, name) => {
      const value = numberOf(info, name)
      return total === undefined || value === undefined ? undefined : total + value
    }, 0)
  return sum('used_cpu_user_main_thread', 'used_cpu_sys_main_thread') ?? sum('used_cpu_user', 'used_cpu_sys')
}
