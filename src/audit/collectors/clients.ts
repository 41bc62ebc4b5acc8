import { safeText } from '../../core/text.js'
import { asText } from '../../wire/client.js'
import type { ClientBuffer, ClientFacts } from '../facts.js'
import { type Ask, granted } from './ask.js'

/** The largest clients that are kept. */
const LARGEST = 20

/** CLIENT LIST (https://redis.io/docs/latest/commands/client-list/), without the connections that are named `own`. */
export function askClients(own: string): Ask<ClientFacts> {
  return {
    commands: [['CLIENT', 'LIST']],
    read: ([reply]) => clientsIn(asText(granted(reply, 'CLIENT LIST')), own),
  }
}

type Line = ReadonlyMap<string, string>

/** Reads the lines of CLIENT LIST: `id=3 addr=10.0.0.7:51423 name= flags=N ...`. */
export function clientsIn(text: string, own: string): ClientFacts {
  const lines = text.split('\n').filter((line) => line.includes('addr='))
  // A replica sees the connection to its master as a client, too.
  const clients = lines.map(fieldsOf).filter((client) => client.get('name') !== own && !flags(client).includes('M'))
  const isReplica = (client: Line) => flags(client).includes('S')
  const applications = clients.filter((client) => !isReplica(client))
  const buffers = clients.map(bufferOf).toSorted((a, b) => b.bytes - a.bytes)
  return {
    total: applications.length,
    named: applications.filter((client) => (client.get('name') ?? '') !== '').length,
    users: countBy(applications, (client) => safeText(client.get('user') ?? 'default')),
    sources: [...countBy(applications, (client) => safeText(hostOf(client.get('addr') ?? '')))]
      .map(([host, connections]) => ({ host, connections }))
      .toSorted((a, b) => b.connections - a.connections),
    idleSeconds: applications
      .filter(couldAsk)
      .map(idleOf)
      .toSorted((a, b) => a - b),
    largest: buffers.slice(0, LARGEST),
    replicas: clients.length - applications.length,
    pubsub: buffers.filter(({ kind }) => kind === 'pubsub'),
  }
}

function fieldsOf(line: string): Line {
  return new Map(
    line
      .trim()
      .split(' ')
      .map((field) => {
        const equals = field.indexOf('=')
        return equals < 0 ? [field, ''] : [field.slice(0, equals), field.slice(equals + 1)]
      }),
  )
}

function flags(client: Line): string {
  return client.get('flags') ?? ''
}

function numberIn(client: Line, name: string): number {
  return Number(client.get(name)) || 0
}

function idleOf(client: Line): number {
  return numberIn(client, 'idle')
}

/** Subscribers, monitors and clients that wait in a blocking command are silent by their nature. */
function couldAsk(client: Line): boolean {
  return !/[PbO]/.test(flags(client))
}

function bufferOf(client: Line): ClientBuffer {
  const name = client.get('name') ?? ''
  const address = client.get('addr') ?? ''
  const withoutTotal = numberIn(client, 'qbuf') + numberIn(client, 'qbuf-free') + numberIn(client, 'omem')
  return {
    client: safeText(name === '' ? address : `${address} (${name})`),
    kind: flags(client).includes('S') ? 'replica' : flags(client).includes('P') ? 'pubsub' : 'normal',
    outputBytes: numberIn(client, 'omem'),
    bytes: client.has('tot-mem') ? numberIn(client, 'tot-mem') : withoutTotal,
    idleSeconds: idleOf(client),
    lastCommand: safeText(client.get('cmd') ?? ''),
  }
}

/** The host of `10.0.0.7:51423` and `[::1]:51423`; a unix socket's `/run/redis.sock:0` is one host. */
function hostOf(address: string): string {
  return address.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1')
}

function countBy(clients: readonly Line[], nameOf: (client: Line) => string): Map<string, number> {
  const counts = new Map<string, number>()
  for (const client of clients) counts.set(nameOf(client), (counts.get(nameOf(client)) ?? 0) + 1)
  return counts
}
