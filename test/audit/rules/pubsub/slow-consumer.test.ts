import { once } from 'node:events'
import { connect as connectSocket } from 'node:net'
import { expect, test } from 'vitest'
import { rule } from '#redline/audit/rules/pubsub/slow-consumer.js'
import { onServer } from '../../../support/live.js'
import { checkRule, clientBuffer, clientFacts, configFacts, identity } from '../../../support/rules.js'
import { availableEngines } from '../../../support/servers.js'

test.each(availableEngines())('%s: a subscriber that does not read is found, one that does is not', async (engine) => {
  await onServer({ engine }, async ({ server, client, audit }) => {
    const subscriber = connectSocket(server.port, server.host)
    await once(subscriber, 'connect')
    subscriber.write('SUBSCRIBE news\r\n')
    await once(subscriber, 'data')
    subscriber.pause()
    expect((await audit(rule)).passed).toEqual(['pubsub/slow-consumer'])
    // The kernel's buffers take some of it; and Valkey 9.1 keeps larger messages once for all who are sent them, and counts them for none.
    await client.callAll(Array.from({ length: 3000 }, () => ['PUBLISH', 'news', 'x'.repeat(8 * 1024)]))
    const [finding] = (await audit(rule)).findings
    expect(finding).toMatchObject({
      about: 'subscribers',
      severity: 'warning',
      evidence: { subscribers: 1, of: 1, hardLimitBytes: 32 * 1024 ** 2 },
    })
    expect(finding!.message).toMatch(
      /^1 of 1 lags behind: 127\.0\.0\.1:\d+ has [\d.]+ MB of messages unread; it is disconnected after 1m above 8 MB$/,
    )
    subscriber.destroy()
  })
})

const MB = 1024 ** 2
const waiting = (...outputs: number[]) =>
  clientFacts({ pubsub: outputs.map((outputBytes) => clientBuffer({ kind: 'pubsub', outputBytes })) })
const check = (output: number, limit: string | undefined, options = {}) =>
  checkRule(rule, { clients: waiting(output, 0), config: configFacts({ 'client-output-buffer-limit': limit }) }, options)

test('measures against the hard limit, and the soft one where that is less', () => {
  const both = 'normal 0 0 0 pubsub 33554432 8388608 60'
  expect(check(8 * MB - 1, both)).toEqual([])
  expect(check(8 * MB, both)[0]!.message).toMatch(/; it is disconnected after 1m above 8 MB$/)
  const hard = 'pubsub 32mb 0 0'
  expect(check(16 * MB - 1, hard)).toEqual([])
  expect(check(16 * MB, hard)[0]!.message).toMatch(/16 MB of messages unread, 50% of the 32 MB at which it is disconnected$/)
  expect(check(8 * MB, hard, { share: 0.25 })).toHaveLength(1)
})

test('keeps silent about little, whatever the limit', () => {
  const tiny = 'pubsub 1mb 256kb 60'
  expect(check(MB - 1, tiny)).toEqual([])
  expect(check(MB, tiny)).toHaveLength(1)
  expect(check(300 * 1024, tiny, { floor: '256KB' })).toHaveLength(1)
  expect(check(0, tiny, { floor: 0, share: 0 })).toEqual([])
})

test('has a bound of its own where the server has none', () => {
  expect(check(10 * MB - 1, 'pubsub 0 0 0')).toEqual([])
  expect(check(10 * MB, 'pubsub 0 0 0')[0]!.message).toMatch(/; nothing limits it$/)
  expect(check(MB, 'pubsub 0 0 0', { unlimited: '1MB' })).toHaveLength(1)
})

test('takes the usual limits where it may not read them, and does not claim them', () => {
  const [finding] = checkRule(rule, { clients: waiting(9 * MB, 12 * MB) })
  expect(finding!.message).toBe('2 of 2 lag behind: 10.0.0.7:51423 has 12 MB of messages unread')
  expect(check(7 * MB, undefined)).toEqual([])
})

test('is the same finding for other subscribers', () => {
  expect([...check(20 * MB, undefined), ...check(30 * MB, undefined)].map(identity)).toEqual(['subscribers', 'subscribers'])
})
