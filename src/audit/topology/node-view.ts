import { messageOf, RedlineError } from '../../core/errors.js'
import { type Info, numberOf, parseInfo } from '../../redis/info.js'
import type { Address } from '../../wire/address.js'
import { asText, type Client } from '../../wire/client.js'
import { granted, Unknown } from '../collectors/ask.js'
import { replicationOf } from '../collectors/replication.js'
import type { Reading } from '../facts.js'
import type { ReplicaState } from './choose.js'
import { openNode, type OpenOptions } from './open-node.js'

/** How many servers are asked at once. */
const AT_ONCE = 16

/** Asks one server on a connection of its own. What can't be reached, or refuses, is not known; throws only the signal's reason. */
export async function asked<T>(address: Address, options: OpenOptions, ask: (client: Client) => Promise<T>): Promise<Reading<T>> {
  try {
    const { client } = await openNode(address, options)
    try {
      return { known: true, value: await ask(client) }
    } finally {
      client.close()
    }
  } catch (error) {
    options.signal.throwIfAborted()
    if (!(error instanceof RedlineError) && !(error instanceof Unknown)) throw error
    return { known: false, why: messageOf(error) }
  }
}

/** Does the same with each item, some at once. */
export async function forEach<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < items.length; from += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map((item, i) => work(item, from + i)))))
  }
  return results
}

/** INFO. Throws Unknown when it is refused. */
export async function infoFrom(client: Client): Promise<Info> {
  const [reply] = await client.callAll([['INFO', 'ALL']])
  return parseInfo(asText(granted(reply, 'INFO')))
}

/** What the INFO of a replica says of it; `ackSeconds` is how long ago the primary heard of it, where it told. */
export function replicaState(info: Info, related: boolean, ackSeconds: number | undefined): ReplicaState {
  const { link } = replicationOf(info, 0)
  return {
    loading: info.fields.get('loading') === '1' || info.fields.get('async_loading') === '1',
    linkUp: link?.up === true && !link.syncing,
    lagSeconds: ackSeconds ?? numberOf(info, 'master_last_io_seconds_ago') ?? 0,
    related: related && link !== undefined,
  }
}
