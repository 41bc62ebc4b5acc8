import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CONFIG_NAMES } from '#redline/audit/collectors/config.js'
import { readNode } from '#redline/audit/collectors/node.js'
import { OWN_NAME } from '#redline/audit/own-name.js'
import type { FactName, Readings } from '#redline/audit/facts.js'
import { commandStats, readInfo } from '#redline/redis/info.js'
import { parseAddress } from '#redline/wire/address.js'
import { Client } from '#redline/wire/client.js'
import { connect } from '../../redis/connect.js'
import { availableEngines, startServer, type TestServer } from '../../support/servers.js'

const SECRET = 'hunter2-swordfish'
const REFUSABLE = ['config', 'slowlog', 'latency', 'acl', 'aclLog', 'clients'] as const satisfies FactName[]

/** A connection as the audit has it. */
function auditor(url: string, protocol: 2 | 3 = 2): Promise<Client> {
  return Client.open(parseAddress(url, {}), { protocol, timeoutMs: 5000, signal: new AbortController().signal, name: OWN_NAME })
}

function why(readings: Readings, name: FactName): string {
  const reading = readings[name]
  if (reading === undefined || reading.known) throw new Error(`${name} is known`)
  return reading.why
}

describe.each(availableEngines())('%s', (engine) => {
  let server: TestServer
  let client: Client
  let readings: Readings
  const url = () => `redis://:${SECRET}@127.0.0.1:${server.port}`

  beforeAll(async () => {
    const config = { requirepass: SECRET, maxmemory: '64mb', 'slowlog-log-slower-than': '0', 'latency-monitor-threshold': '1' }
    server = await startServer({ engine, config })
    const app = await connect(url())
    await app.call('ACL', 'SETUSER', 'reader', 'on', `>${SECRET}-reader`, '~cache:*', '+@read', '-keys')
    await app.call('CLIENT', 'SETNAME', 'worker-1')
    await app.call('SET', 'user:42', SECRET)
    await app.call('SMEMBERS', 'friends:\u001b[31m7')
    await app.call('EVAL', 'return 1', '0')
    const stranger = await connect(url())
    await stranger.call('AUTH', SECRET, 'typed in the wrong place').catch(() => undefined)
    stranger.close()
    client = await auditor(url())
    readings = await readNode(client)
    app.close()
  })
  afterAll(async () => {
    client.close()
    await server.stop()
  })

  test('tells what it is, how it is configured and who is connected', () => {
    expect(readings.server).toMatchObject({ known: true, value: { engine: server.engine, version: server.version, role: 'master' } })
    expect(readings.config?.known && readings.config.value.get('maxmemory')).toBe(String(64 * 1024 ** 2))
    expect(readings.clients).toMatchObject({ known: true, value: { total: 1, named: 1, sources: [{ host: '127.0.0.1', connections: 1 }] } })
    expect(readings.clients?.known && readings.clients.value.largest.map((buffer) => buffer.client)).toEqual([
      expect.stringMatching(/^127\.0\.0\.1:\d+ \(worker-1\)$/),
    ])
    expect(readings.scripts).toMatchObject({ known: true, value: { cachedScripts: 1, running: undefined, busy: false } })
    expect(readings.replication).toEqual({ known: true, value: { role: 'master', replicas: [], link: undefined, fullSyncs: 0 } })
    expect(readings.now?.known && Math.abs(readings.now.value - Date.now() / 1000)).toBeLessThan(60)
  })

  test('tells a parameter by the name that other versions have for it', () => {
    const config = readings.config?.known ? readings.config.value : undefined
    expect(config?.get('hash-max-listpack-entries')).toBe('512')
    expect(config?.get('hash-max-ziplist-entries')).toBe('512')
    expect(config?.get('replica-read-only')).toBe('yes')
    expect(config?.get('slave-read-only')).toBe('yes')
  })

  test('tells slow commands by their shape and keys, without values and without its own', () => {
    const slowlog = readings.slowlog?.known ? readings.slowlog.value : undefined
    const byCommand = new Map(slowlog?.entries.map((entry) => [entry.command, entry]))
    expect(byCommand.get('set')).toMatchObject({ shape: 'SET user:<int>', keys: ['user:42'], clientName: 'worker-1' })
    expect(byCommand.get('smembers')).toMatchObject({ shape: 'SMEMBERS friends:\\x1b[31m7', keys: ['friends:\\x1b[31m7'] })
    expect(byCommand.get('eval')?.shape).toBe('EVAL "return 1"')
    expect(slowlog?.entries.filter(({ clientName }) => clientName === OWN_NAME)).toEqual([])
    expect(slowlog?.length).toBeGreaterThanOrEqual(3)
  })

  test('tells users by what they may do, and who was refused', () => {
    const users = readings.acl?.known ? readings.acl.value.users : []
    expect(users.find(({ name }) => name === 'reader')).toEqual({
      name: 'reader',
      enabled: true,
      nopass: false,
      passwords: 1,
      commands: '-@all +@read -keys',
      keys: ['~cache:*'],
      channels: [],
      selectors: [],
    })
    expect(users.find(({ name }) => name === 'default')).toMatchObject({ nopass: false, passwords: 1, commands: '+@all', keys: ['~*'] })
    expect(readings.aclLog).toEqual({
      known: true,
      value: [{ count: 1, reason: 'auth', object: 'AUTH', username: '(no such user)', ageSeconds: expect.any(Number) }],
    })
  })

  test('tells no secret', () => {
    const text = JSON.stringify(readings, (_key, value: unknown) => (value instanceof Map ? [...value] : value))
    expect(text).not.toContain(SECRET)
    expect(text).not.toMatch(/[0-9a-f]{64}/)
    expect(CONFIG_NAMES.filter((name) => /pass|auth$|key-file|masteruser/.test(name))).toEqual([])
  })

  test('is asked over RESP3 with the same outcome', async () => {
    const again = await auditor(url(), 3)
    const { config, acl, aclLog, scripts, clients } = await readNode(again)
    again.close()
    expect(acl).toEqual(readings.acl)
    expect(aclLog).toMatchObject({ known: true, value: [{ reason: 'auth', username: '(no such user)' }] })
    expect(config?.known && config.value.get('maxmemory')).toBe(String(64 * 1024 ** 2))
    expect([scripts?.known, clients?.known]).toEqual([true, true])
  })

  test('counts commands up to the moment before the audit asked', async () => {
    const again = await auditor(url())
    const info = await readInfo(again)
    const { counters } = await readNode(again)
    again.close()
    const calls = (name: string) => (counters?.known ? counters.value.commands.get(name)?.calls : undefined)
    expect(calls('smembers')).toBe(1)
    expect(calls('info')).toBe((commandStats(info).get('info')?.calls ?? 0) + 1)
  })

  test('that lets a user do nothing but INFO says so for each fact', async () => {
    await client.call('ACL', 'SETUSER', 'guest', 'on', `>${SECRET}`, '+info', '+client|setname')
    const guest = await auditor(`redis://guest:${SECRET}@127.0.0.1:${server.port}`)
    const refused = await readNode(guest)
    guest.close()
    expect(refused.info?.known).toBe(true)
    for (const name of REFUSABLE) expect(why(refused, name)).toMatch(/ was refused \(NOPERM /)
    expect(why(refused, 'config')).toMatch(/^CONFIG GET was refused/)
    expect(why(refused, 'acl')).toMatch(/^ACL LIST was refused/)
    const { aclLog } = await readNode(client)
    expect(aclLog).toMatchObject({ known: true, value: [{ reason: 'auth' }] })
  })

  test('that hides INFO too is asked all the same, and tells what it lets us know', async () => {
    await client.call('ACL', 'SETUSER', 'odd', 'on', `>${SECRET}`, '+client|setname', '+config|get', '+client|list')
    const odd = await auditor(`redis://odd:${SECRET}@127.0.0.1:${server.port}`)
    const { info, server: what, counters, config, clients, scripts } = await readNode(odd)
    odd.close()
    for (const reading of [info, what, counters, scripts])
      expect(reading).toMatchObject({ known: false, why: expect.stringMatching(/^INFO was refused/) })
    expect(config?.known && config.value.get('maxmemory')).toBe(String(64 * 1024 ** 2))
    expect(clients?.known).toBe(true)
  })

  test('has the settings of this machine when it runs here, and not in a container', () => {
    const here = existsSync(`/proc/${readings.server?.known ? readings.server.value.processId : 0}/comm`) && runsHere(server)
    expect(readings.host?.known).toBe(here)
  })
})

function runsHere(server: TestServer): boolean {
  try {
    return server.pid > 0
  } catch {
    return false
  }
}

describe.each(availableEngines())('%s whose commands were renamed away, as by a managed service,', (engine) => {
  test('is not assessed where that matters, and is all the same assessed elsewhere', async () => {
    const server = await startServer({ engine, config: { 'rename-command': 'CONFIG ""' } })
    const client = await auditor(server.url)
    const readings = await readNode(client)
    client.close()
    await server.stop()
    expect(why(readings, 'config')).toMatch(/^CONFIG GET was refused \(ERR unknown command ['`]CONFIG['`]\)$/)
    expect([readings.acl?.known, readings.clients?.known, readings.slowlog?.known]).toEqual([true, true, true])
  })
})

describe.each(availableEngines())('%s while it runs a script that does not end', (engine) => {
  test('tells that it is busy, and why everything else is not known', async () => {
    const server = await startServer({ engine, config: { 'lua-time-limit': '50' } })
    const client = await auditor(server.url)
    const runner = await connect(server.url)
    const endless = runner.call('EVAL', 'while true do end', '0').catch(() => 'killed')
    await new Promise((resolve) => setTimeout(resolve, 200))
    const { scripts, info, config } = await readNode(client)
    await client.call('SCRIPT', 'KILL')
    expect(await endless).toBe('killed')
    for (const each of [client, runner]) each.close()
    await server.stop()
    for (const reading of [info, config])
      expect(reading).toMatchObject({ known: false, why: expect.stringMatching(/ was refused \(BUSY /) })
    expect(scripts).toMatchObject({ known: true, value: { busy: true, running: undefined } })
  })
})
