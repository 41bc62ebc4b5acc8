import { InputError } from '../../core/errors.js'
import { quote, safeText } from '../../core/text.js'
import { type Address, hostPort } from '../../wire/address.js'
import { asArray, asMap, asNumber, asText, type Client } from '../../wire/client.js'
import type { Reply } from '../../wire/decoder.js'
import { granted } from '../collectors/ask.js'
import type { Reading, SentinelFacts } from '../facts.js'
import { nodeName, peerOf } from './deployment.js'
import { asked, forEach } from './node-view.js'
import type { OpenOptions } from './open-node.js'

type Master = SentinelFacts['masters'][number]

/** What the sentinels tell: what they watch, and where each primary is. */
export interface Watched {
  facts: SentinelFacts
  /** By the name of the primary. */
  primaries: Map<string, { host: string; port: number }>
  /** The other sentinels. */
  sentinels: { address: Address; unreachable: string | undefined }[]
}

/**
 * Asks a sentinel what it watches, and the other sentinels which primary each of them names
 * (https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/). Throws Unknown when it refuses.
 */
export async function readSentinel(client: Client, address: Address, options: OpenOptions): Promise<Watched> {
  const [reply] = await client.callAll([['SENTINEL', 'MASTERS']])
  const masters = asArray(granted(reply, 'SENTINEL MASTERS')).map((entry) => asMap(entry))
  const names = masters.map((master) => master.get('name') ?? '')
  const details = await client.callAll(
    names.flatMap((name) => [
      ['SENTINEL', 'SENTINELS', nameOf(name)],
      ['SENTINEL', 'REPLICAS', nameOf(name)],
    ]),
  )
  const known = new Map<string, Address>()
  const watched = masters.map((master, i) => {
    const [sentinels = [], replicas = []] = details
      .slice(2 * i, 2 * i + 2)
      .map((reply, second) => asArray(granted(reply, second ? 'SENTINEL REPLICAS' : 'SENTINEL SENTINELS')).map((entry) => asMap(entry)))
    for (const sentinel of sentinels) {
      const peer = peerOf(address, textIn(sentinel, 'ip'), numberIn(sentinel, 'port'))
      known.set(nodeName(peer), peer)
    }
    return { master, sentinels, replicas }
  })
  const opinions = await opinionsOf([...known.values()], names, options)
  return {
    facts: {
      masters: watched.map(({ master, sentinels, replicas }, i) => masterFacts({ master, sentinels, replicas }, i, address, opinions)),
    },
    primaries: new Map(masters.map((master) => [textIn(master, 'name'), { host: textIn(master, 'ip'), port: numberIn(master, 'port') }])),
    sentinels: [...known].map(([name, peer]) => {
      const opinion = opinions.get(name)
      return { address: peer, unreachable: opinion?.known === false ? opinion.why : undefined }
    }),
  }
}

/** By the name of a sentinel: which primary it names for each of the names, in their order; or why it could not be asked. */
type Opinions = Map<string, Reading<(string | undefined)[]>>

async function opinionsOf(sentinels: readonly Address[], names: readonly Reply[], options: OpenOptions): Promise<Opinions> {
  const answers = await forEach(sentinels, async (peer) => {
    const ask = (address: Address) =>
      asked(address, options, async (client) => {
        const replies = await client.callAll(names.map((name) => ['SENTINEL', 'GET-MASTER-ADDR-BY-NAME', nameOf(name)]))
        return replies.map((reply) => namedPrimary(granted(reply, 'SENTINEL GET-MASTER-ADDR-BY-NAME')))
      })
    return [nodeName(peer), await ask(peer)] as const
  })
  return new Map(answers)
}

function namedPrimary(reply: Reply): string | undefined {
  if (reply === null) return undefined
  const [host, port] = asArray(reply)
  return safeText(hostPort(asText(host), asNumber(port)))
}

interface Entries {
  master: Map<string, Reply>
  sentinels: Map<string, Reply>[]
  replicas: Map<string, Reply>[]
}

function masterFacts({ master, sentinels, replicas }: Entries, index: number, asked: Address, opinions: Opinions): Master {
  return {
    name: textIn(master, 'name'),
    address: addressIn(master),
    quorum: numberIn(master, 'quorum'),
    sentinels: sentinels.map((sentinel) => {
      const opinion = opinions.get(nodeName(peerOf(asked, textIn(sentinel, 'ip'), numberIn(sentinel, 'port'))))
      return {
        address: addressIn(sentinel),
        reachable: isUp(sentinel, opinion?.known === true),
        namesPrimary: opinion?.known ? opinion.value[index] : undefined,
      }
    }),
    replicas: replicas.map((replica) => ({ address: addressIn(replica), reachable: isUp(replica, false) })),
    downAfterMs: numberIn(master, 'down-after-milliseconds'),
    failoverTimeoutMs: numberIn(master, 'failover-timeout'),
  }
}

/**
 * As the sentinel that was asked sees it: what matters is whether sentinels reach each other, not whether we reach them. One whose link
 * is only being made, as after its discovery, is not lost when it answers us.
 */
function isUp(entry: Map<string, Reply>, answersUs: boolean): boolean {
  const flags = textIn(entry, 'flags').split(',')
  return !flags.includes('s_down') && !flags.includes('o_down') && (answersUs || !flags.includes('disconnected'))
}

function addressIn(entry: Map<string, Reply>): string {
  return hostPort(textIn(entry, 'ip'), numberIn(entry, 'port'))
}

function textIn(entry: Map<string, Reply>, field: string): string {
  return safeText(asText(entry.get(field) ?? ''))
}

function numberIn(entry: Map<string, Reply>, field: string): number {
  const value = entry.get(field)
  return value === undefined ? 0 : asNumber(value)
}

function nameOf(reply: Reply): string | Buffer {
  return Buffer.isBuffer(reply) ? reply : asText(reply)
}

/** The primary that is meant: the one that was named, or the only one. Throws InputError. */
export function chosenMaster(primaries: Watched['primaries'], wanted: string | undefined): { name: string; host: string; port: number } {
  const names = [...primaries.keys()]
  const name = wanted ?? (names.length === 1 ? names[0] : undefined)
  const primary = name === undefined ? undefined : primaries.get(name)
  if (name !== undefined && primary) return { name, ...primary }
  if (names.length === 0) throw new InputError('the sentinel watches nothing', { hint: 'give the address of the server itself' })
  const what = wanted === undefined ? `the sentinel watches ${names.length} primaries` : `the sentinel watches no primary ${quote(wanted)}`
  throw new InputError(what, { hint: `name one of them: ${names.map((each) => `--master ${each}`).join(', ')}` })
}
