import { describe, expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/client/near-max.js'
import type { Client } from '#redline/wire/client.js'
import { connect } from '../../../redis/connect.js'
import { eventually } from '../../../support/deployments.js'
import { onServer } from '../../../support/live.js'
import { blindness, checkRule, configFacts, counters, identity, infoFacts } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

describe.each(availableEngines())('%s', (engine) => {
  test('a server that is nearly full of connections is found, and refused ones are counted', async () => {
    await onServer({ engine, config: { maxclients: '24' } }, async ({ server, audit }) => {
      expect((await audit(rule, { connections: 3, rejected: 1 })).passed).toEqual(['client/near-max'])
      const clients: Client[] = []
      while (clients.length < 20) clients.push(await connect(server.url))
      expect((await audit(rule)).findings).toMatchObject([
        { about: 'maxclients', severity: 'warning', evidence: { connections: 22, maxclients: 24 } },
      ])
      let turnedAway = 0
      while (turnedAway < 12) {
        const another = await connectOrNot(server.url)
        if (another) clients.push(another)
        else turnedAway++
      }
      // Room for the audit; a server needs a moment to see that connections are gone.
      for (const client of clients.splice(0, 8)) client.close()
      await eventually('room', async () => {
        const another = await connectOrNot(server.url)
        another?.close()
        return another !== undefined
      })
      const { findings } = await audit(rule)
      expect(findings.find(({ role }) => role === 'rejected')!.message).toMatch(/^had 1[2-9] connections refused since the server started/)
      for (const client of clients) client.close()
    })
  })
})

/** Undefined when the server has no room. */
async function connectOrNot(url: string): Promise<Client | undefined> {
  try {
    const client = await connect(url)
    await client.call('PING')
    return client
  } catch {
    return undefined
  }
}

const check = (connected: number, max: number | undefined, options = {}, counts = counters()) =>
  checkRule(rule, { info: infoFacts({ connected_clients: connected, maxclients: max }), counters: counts }, options)

test('warns at 80% and errs at 95%', () => {
  expect(check(799, 1000)).toEqual([])
  expect(check(800, 1000)).toMatchObject([{ severity: 'warning', message: 'is nearly reached: 800 connections of 1000 (80%)' }])
  expect(check(950, 1000)).toMatchObject([{ severity: 'error' }])
  expect(check(500, 1000, { warn: 0.5, error: 0.5 })).toMatchObject([{ severity: 'error' }])
})

test('says nothing of a handful of connections', () => {
  expect(check(19, 20)).toEqual([])
  expect(check(20, 20)).toHaveLength(1)
  expect(check(5, 5, { connections: 5 })).toHaveLength(1)
})

test('takes maxclients from the configuration where INFO does not tell it', () => {
  const info = infoFacts({ connected_clients: 90, maxclients: undefined })
  expect(checkRule(rule, { info, counters: counters(), config: configFacts({ maxclients: '100' }) })).toHaveLength(1)
  expect(blindness(rule, { info, counters: counters() })).toMatchObject({ kind: 'not assessed' })
})

test('refused connections are an error while they go on', () => {
  const grown = { rejected_connections: 10 }
  expect(check(1, 1000, {}, counters({ grown: { rejected_connections: 9 } }))).toEqual([])
  expect(check(1, 1000, {}, counters({ grown }))).toMatchObject([{ role: 'rejected', severity: 'warning' }])
  const [during] = check(1, 1000, {}, counters({ grown, during: { grown } }))
  expect(during).toMatchObject({
    severity: 'error',
    message: 'had 10 connections refused since the server started 24h ago, some of them while the audit ran',
  })
})

test('tells the limit and the refusals apart, the same in every audit', () => {
  const findings = check(900, 1000, {}, counters({ grown: { rejected_connections: 70 } }))
  expect(findings.map(identity)).toEqual(['maxclients', 'maxclients rejected'])
})
