import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { readNode } from '#redline/audit/collectors/node.js'
import { OWN_NAME } from '#redline/audit/own-name.js'
import { type Evaluation, evaluate } from '#redline/audit/evaluate.js'
import type { FactsByName, Readings } from '#redline/audit/facts.js'
import type { Rule } from '#redline/audit/rule.js'
import { numberOf, readInfo } from '#redline/redis/info.js'
import { parseAddress } from '#redline/wire/address.js'
import { Client } from '#redline/wire/client.js'
import { connect } from '../redis/connect.js'
import { readKeyspace } from './keyspaces.js'
import { startServer, type TestServer, type TestServerOptions } from './servers.js'

/** A real server, an application's connection to it, and rules that are put to what it says of itself. */
export interface Live {
  server: TestServer
  client: Client
  /** What becomes of one rule; `facts` stand in for what is not read here (the keys), or in place of what is. */
  audit: (rule: Rule, options?: Record<string, unknown>, facts?: Partial<FactsByName>) => Promise<Evaluation>
  /** What becomes of one rule, the keys read as well. */
  auditKeys: (rule: Rule, options?: Record<string, unknown>, reading?: Parameters<typeof readKeyspace>[1]) => Promise<Evaluation>
}

/** Starts a server for `use`, and ends it and the connection after it. */
export async function onServer(options: TestServerOptions, use: (live: Live) => Promise<void>): Promise<void> {
  const server = await startServer(options)
  try {
    const client = await connect(server.url)
    try {
      const audit: Live['audit'] = (rule, options = {}, facts = {}) => auditRule(server, rule, options, facts)
      const auditKeys: Live['auditKeys'] = async (rule, options, reading) =>
        audit(rule, options, { keyspace: await readKeyspace(server, reading) })
      await use({ server, client, audit, auditKeys })
    } finally {
      client.close()
    }
  } finally {
    await server.stop()
  }
}

/** What becomes of one rule on a server, as an audit reads it. */
export async function auditRule(
  server: Pick<TestServer, 'url'>,
  rule: Rule,
  options: Record<string, unknown> = {},
  facts: Partial<FactsByName> = {},
): Promise<Evaluation> {
  const signal = new AbortController().signal
  const auditor = await Client.open(parseAddress(server.url, {}), { protocol: 2, timeoutMs: 5000, signal, name: OWN_NAME })
  try {
    const readings = { ...(await readNode(auditor)), ...asReadings(facts) }
    return evaluate([{ rule, options: rule.options.parse(options) }], {}, [{ address: server.url, readings }])
  } finally {
    auditor.close()
  }
}

function asReadings(facts: Partial<FactsByName>): Readings {
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, { known: true, value }]))
}

const COUNT = 'local n = 0 for i = 1, tonumber(ARGV[1]) do n = n + 1 end return n'

/** Holds the server with a script of one key, at first for a moment and then ever longer, until that was enough. */
export async function holdServer(client: Client, key: string, isEnough: () => Promise<boolean>): Promise<void> {
  for (let n = 1000; n < 2 ** 33; n *= 4) {
    await client.call('EVAL', COUNT, '1', key, String(n))
    if (await isEnough()) return
  }
  throw new Error('a script of minutes was not enough')
}

/**
 * Announces a value of so many bytes and sends none of it: the server makes room for it in the client's buffer at once. Destroy
 * the connection to have it freed.
 */
export async function announceBulk(server: Pick<TestServer, 'host' | 'port' | 'url'>, bytes: number): Promise<Socket> {
  const socket = createConnection(server.port, server.host)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$${bytes}\r\n`)
  const probe = await connect(server.url)
  try {
    for (let used = 0; used < bytes; used = numberOf(await readInfo(probe), 'used_memory') ?? 0) await sleep(5)
  } finally {
    probe.close()
  }
  return socket
}

/** Asks for a key again and again and reads none of the replies, so that they pile up in the server. Destroy the connection to have them freed. */
export async function stallReading(server: Pick<TestServer, 'host' | 'port'>, key: string, times: number): Promise<Socket> {
  const socket = createConnection(server.port, server.host)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.pause()
  socket.write(`GET ${key}\r\n`.repeat(times))
  return socket
}
