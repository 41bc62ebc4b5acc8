import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { redline, spawnRedline } from '../support/cli.js'
import { startServer, type TestServer } from '../support/servers.js'

let server: TestServer

beforeAll(async () => {
  server = await startServer()
})

afterAll(() => server.stop())

const watching = ['--watch', '200ms', '--max-time', '1s']

test('a watch that is piped is a heading and a line for each sample', async () => {
  const redis = new Redis(server.port, server.host)
  const timer = setInterval(() => void redis.get('nothing'), 5)
  const { code, stdout } = await redline(['audit', server.url, ...watching])
  clearInterval(timer)
  redis.disconnect()
  const [heading, ...lines] = stdout.trimEnd().split('\n')
  expect(code).toBe(0)
  expect(heading).toMatch(/^time \(UTC\) +used_memory +evicted\/s +hits\/s +misses\/s/)
  expect(lines.length).toBeGreaterThanOrEqual(4)
  expect(lines.at(-1)).toMatch(/^\d\d:\d\d:\d\d +[\d.]+ [KMG]?B/)
})

test('on a terminal it is drawn over, within its width', async () => {
  const { stdout } = await redline(['audit', server.url, ...watching], { isTTY: true, columns: 80, env: { ...process.env, NO_COLOR: '1' } })
  const drawings = stdout.split('\u001b[J')
  expect(drawings.length).toBeGreaterThanOrEqual(4)
  expect(drawings.at(-1)).toContain('used_memory')
  expect(Math.max(...drawings.flatMap((text) => text.split('\n').map((line) => line.length)))).toBeLessThanOrEqual(80)
})

test('with --json every line is a document', async () => {
  const { stdout } = await redline(['audit', server.url, ...watching, '--json'])
  const samples = stdout.trimEnd().split('\n')
  expect(samples.length).toBeGreaterThanOrEqual(4)
  for (const line of samples) expect(JSON.parse(line)).toHaveProperty('state')
})

test('Ctrl-C is how one stops to watch: exit code 0', async () => {
  const child = spawnRedline(['audit', server.url, '--watch', '200ms'])
  setTimeout(() => child.child.kill('SIGINT'), 1500)
  expect((await child.ended()).code).toBe(0)
})

test.each([
  [['--watch', '1ms'], 'too often'],
  [['--watch', 'often'], 'not a duration'],
])('%j is a mistake', async (args, told) => {
  const { code, stderr } = await redline(['audit', server.url, ...args])
  expect([code, stderr]).toEqual([2, expect.stringContaining(told)])
})
