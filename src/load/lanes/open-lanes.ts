import { InputError } from '../../core/errors.js'
import { Rng } from '../../core/rng.js'
import { Client } from '../../wire/client.js'
import { Connection } from '../../wire/connection.js'
import { type BoundWorkload, bindWorkload, type WorkloadChoice } from '../../workloads/registry.js'
import type { Referee } from '../../workloads/workload.js'
import { type CommandTemplate, RequestStream } from '../generators/request-stream.js'
import type { LoadSlice } from '../messages.js'
import type { Lane } from './lane.js'
import { PromiseLane } from './promise-lane.js'
import { ReconnectingLane } from './reconnecting-lane.js'
import { WireLane } from './wire-lane.js'

/** Connections that are opened at once: fewer than the shortest listen backlog (511 in Redis, 128 in old kernels). */
const OPENED_AT_ONCE = 64

const READ_BUFFER_BYTES = 64 * 1024

/** Opens the connections of a slice. Throws ConnectionError when any of them fails, with none left open. */
export async function openLanes(slice: LoadSlice, actors: Actors | undefined, signal: AbortSignal): Promise<Lane[]> {
  const openOne = await laneOpener(slice, actors, signal)
  const open = slice.reconnects ? async (lane: number) => new ReconnectingLane(await openOne(lane), () => openOne(lane)) : openOne
  const lanes: Lane[] = []
  try {
    for (let first = 0; first < slice.connections; first += OPENED_AT_ONCE) {
      const group = Array.from({ length: Math.min(OPENED_AT_ONCE, slice.connections - first) }, (_, i) => open(slice.firstLane + first + i))
      const settled = await Promise.allSettled(group)
      for (const result of settled) if (result.status === 'fulfilled') lanes.push(result.value)
      const failed = settled.find((result) => result.status === 'rejected')
      if (failed) throw failed.reason
    }
    return lanes
  } catch (error) {
    for (const lane of lanes) lane.close()
    throw error
  }
}

/** The workload whose actors the lanes are, and who keeps count of what they do. */
interface Actors {
  workload: BoundWorkload
  referee: Referee | undefined
}

/** The workload of a load that consists of operations. Throws InputError for a study, which has a round to itself. */
export async function bindActors(choice: WorkloadChoice): Promise<BoundWorkload> {
  const bound = await bindWorkload(choice)
  if (bound.kind === 'workload') return bound
  throw new InputError(`${bound.id} is a study: it has a round to itself and is no load`)
}

/** How one lane of the slice is opened, by its number. */
async function laneOpener(slice: LoadSlice, actors: Actors | undefined, signal: AbortSignal): Promise<(lane: number) => Promise<Lane>> {
  const { address, protocol, timeoutMs } = slice
  const root = new Rng(slice.seed)
  // A lane that is opened again goes on with what is random, and with its requests, where it was: nothing is drawn twice.
  const rngOf = once((lane) => root.fork(`lane ${lane}`))
  const connect = { protocol, timeoutMs, signal }

  if (actors) {
    const { workload, referee } = actors
    return async (lane) => {
      const clients: Client[] = []
      const open = async (options = {}) => {
        const client = await Client.open(address, { ...connect, ...options })
        clients.push(client)
        return client
      }
      const ended = new AbortController()
      const close = () => {
        ended.abort()
        for (const client of clients) client.close()
      }
      const place = { actor: lane, actors: slice.lanes, rng: rngOf(lane), prefix: slice.prefix, referee, signal: ended.signal }
      try {
        const operation = await workload.actor({ ...place, client: await open(), connect: open })
        return new PromiseLane((count) => Array.from({ length: count }, operation), close)
      } catch (error) {
        close()
        throw error
      }
    }
  }

  const stream = once((lane) => requestStream(slice.commands ?? [], slice, lane, root))
  if (slice.driver === 'ioredis') {
    const { openIoredis } = await import('../../redis/ioredis-link.js')
    return async (lane) => {
      const link = await openIoredis(address, { signal, timeoutMs, protocol })
      const requests = stream(lane)
      return new PromiseLane(
        (count) => link.sendMany(Array.from({ length: count }, () => requests.args())),
        () => link.close(),
      )
    }
  }

  // Shared by the thread's connections: each read is counted before the next one begins, and 64 KB stay in the cache.
  const readBuffer = new Uint8Array(READ_BUFFER_BYTES)
  return async (lane) => new WireLane(await Connection.open(address, { ...connect, readBuffer }), stream(lane))
}

/** What is made for a lane when it is asked for first, and kept. */
function once<T>(make: (lane: number) => T): (lane: number) => T {
  const made = new Map<number, T>()
  return (lane) => {
    const known = made.get(lane) ?? make(lane)
    made.set(lane, known)
    return known
  }
}

/** The requests of one connection: the same for the same seed and number, whichever thread carries it. */
export function requestStream(
  commands: readonly CommandTemplate[],
  slice: Pick<LoadSlice, 'keys' | 'members' | 'lanes' | 'epoch'>,
  lane: number,
  root: Rng,
): RequestStream {
  return new RequestStream(commands, { ...slice, lane, rng: root.fork(`lane ${lane}`) })
}
