import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { numberOf, readInfo } from '#redline/redis/info.js'
import { parseAddress } from '#redline/wire/address.js'
import { Client } from '#redline/wire/client.js'
import { noTraffic } from '#redline/wire/traffic.js'
import { mixedKeys, run } from '../support/scans.js'
import { availableEngines, startServer, type TestServer } from '../support/servers.js'
import { auditWhole } from '../support/whole-audits.js'

/* What an audit says that it cost, against what the server counted. */

/** What a server counted while something was done to it, without what asking for that took. */
async function countedDuring(url: string, work: () => Promise<unknown>) {
  const traffic = noTraffic()
  const signal = new AbortController().signal
  const client = await Client.open(parseAddress(url, {}), { protocol: 2, timeoutMs: 5000, signal, traffic })
  try {
    const begun = { ...traffic }
    const before = await readInfo(client)
    const asked = { ...traffic }
    await work()
    const after = await readInfo(client)
    const grown = (name: string) => (numberOf(after, name) ?? 0) - (numberOf(before, name) ?? 0)
    return {
      // INFO does not count itself, its request is counted when it is read, its reply when that is written.
      commands: grown('total_commands_processed') - 1,
      bytesSent: grown('total_net_input_bytes') - (traffic.bytesSent - asked.bytesSent),
      bytesReceived: grown('total_net_output_bytes') - (asked.bytesReceived - begun.bytesReceived),
      errors: grown('total_error_replies'),
    }
  } finally {
    client.close()
  }
}

describe.each(availableEngines())('the cost of an audit of %s', (engine) => {
  let server: TestServer
  beforeAll(async () => {
    server = await startServer({ engine })
    await run(server.url, mixedKeys(1000))
    await run(server.url, [['XGROUP', 'CREATE', 'stream:8', 'workers', 0]])
    await run(server.url, mixedKeys(100), 3)
  })
  afterAll(() => server.stop())

  test.each([
    ['of all keys', {}],
    ['of a sample', { sample: 300 }],
  ])('is all that the server counted: %s', async (_, options) => {
    let audited: Awaited<ReturnType<typeof auditWhole>> | undefined
    const counted = await countedDuring(server.url, async () => {
      audited = await auditWhole(server.url, { mayTouch: true, ...options })
    })
    const { commands, bytesSent, bytesReceived } = audited!.result.cost
    expect({ bytesSent, bytesReceived }).toEqual({ bytesSent: counted.bytesSent, bytesReceived: counted.bytesReceived })
    // Commands that a server does not know, as CLIENT NO-TOUCH before 7.2, it does not count as processed.
    expect(commands).toBeGreaterThanOrEqual(counted.commands)
    expect(commands).toBeLessThanOrEqual(counted.commands + counted.errors)
  })
})
