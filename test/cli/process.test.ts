import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { asArray, asNumber, asText, type Client } from '#redline/wire/client.js'
import { redline, spawnRedline, type SpawnedCli } from '../support/cli.js'
import { look } from '../support/scenarios.js'
import { startServer, type TestServer } from '../support/servers.js'

let server: TestServer
let client: Client
let folder: string

beforeAll(async () => {
  server = await startServer()
  client = await look(server.url)
  folder = await mkdtemp(join(tmpdir(), 'redline-cli-'))
})
afterAll(async () => {
  client.close()
  await server.stop()
  await rm(folder, { recursive: true })
})

const env = () => ({ XDG_STATE_HOME: join(folder, 'state') })
const out = () => ['--out', join(folder, 'reports')]
const onServer = (...more: string[]) => [
  'run',
  'hashes/profile-read',
  '--quick',
  '--target',
  server.url,
  '--allow',
  'busy',
  ...out(),
  ...more,
]
const ownKeys = async () => asArray(await client.call('KEYS', 'redline:*')).length

/** Waits for a condition, for at most ten seconds. */
async function until(condition: () => Promise<boolean> | boolean, what: string): Promise<void> {
  for (let tries = 0; tries < 400; tries++) {
    if (await condition()) return
    await sleep(25)
  }
  throw new Error(`${what} did not come about`)
}

/** Lines of KEYS and CLIENT LIST that tell how far a run has come. */
const loaded = async () => (await ownKeys()) > 100
const measuring = async () => asText(await client.call('CLIENT', 'LIST')).split('\n').length > 40

describe('Ctrl-C', () => {
  const moments: [string, (cli: SpawnedCli) => Promise<void>][] = [
    ['before the server is reached', () => sleep(120)],
    ['while the data is written', () => until(loaded, 'writing the data')],
    ['while it measures', () => until(measuring, 'measuring')],
  ]
  test.each(moments)('%s ends with 130 and leaves no key', async (_, moment) => {
    const cli = spawnRedline(onServer(), { env: env() })
    await moment(cli)
    cli.child.kill('SIGINT')
    expect((await cli.ended()).code).toBe(130)
    expect(await ownKeys()).toBe(0)
  })

  test('during a run on a server of ours leaves no server', async () => {
    const cli = spawnRedline(['run', 'hashes/profile-read', '--quick', ...out()])
    await until(() => /started .* at \S+/.test(cli.stderr), 'a server')
    const url = /started .* at (\S+)/.exec(cli.stderr)?.[1] ?? ''
    await sleep(300)
    cli.child.kill('SIGINT')
    expect((await cli.ended()).code).toBe(130)
    await expect(look(url)).rejects.toThrow(/refused/)
  })
})

describe('SIGKILL', () => {
  test('leaves keys on record, which redline clean removes and then forgets', async () => {
    await client.call('SET', 'theirs', '1')
    const cli = spawnRedline(onServer(), { env: env() })
    await until(measuring, 'measuring')
    expect((await redline(['clean', server.url], { env: { ...process.env, ...env() } })).stdout).toMatch(
      /still runs as process \d+; left alone/,
    )
    cli.child.kill('SIGKILL')
    await cli.ended()
    expect(await ownKeys()).toBeGreaterThan(1000)

    const world = { env: { ...process.env, ...env() } }
    expect((await redline(['clean'], world)).stdout).toContain(`redline clean ${server.url}`)
    const cleaned = await redline(['clean', server.url], world)
    expect(cleaned).toMatchObject({ code: 0 })
    expect(cleaned.stdout).toMatch(/run [a-z0-9]{8}: \d{5} keys removed/)
    expect(await ownKeys()).toBe(0)
    expect(asNumber(await client.call('DBSIZE'))).toBe(1)
    expect((await redline(['clean'], world)).stdout).toContain('no run is on record')
  })
})

describe('what a run prints', () => {
  test('is saved, and a saved result rendered again is the same text', async () => {
    const ran = await redline([
      'run',
      'lists/queue-push-pop',
      '--set',
      'load.duration=100ms',
      '--set',
      'load.warmup=0s',
      '--rounds',
      '2',
      ...out(),
    ])
    expect([0, 1, 3]).toContain(ran.code)
    const path = /^saved +([^\s,]+)/m.exec(ran.stdout)?.[1] ?? ''
    const again = await redline(['report', path])
    expect(ran.stdout.startsWith(again.stdout.trimEnd())).toBe(true)
    expect((await redline(['report', join(folder, 'reports', 'latest')])).stdout).toBe(again.stdout)
    expect((await redline(['report', path, '--format', 'json'])).stdout).toBe(await readFile(path, 'utf8'))
  })

  test('is the document alone with --json, without colour or escapes, and progress is quiet when piped', async () => {
    const ran = await spawnRedline(['run', '--command', 'PING', '--count', '1000', '--warmup', '0s', '--json']).ended()
    expect(JSON.parse(ran.stdout)).toMatchObject({ schema: 'redline/run@1', profile: 'ad hoc' })
    expect(ran.stderr).not.toContain('\u001b')
    expect(existsSync(join(folder, 'ad-hoc'))).toBe(false)
  })

  test('may be cut off by its reader', async () => {
    const cli = spawnRedline(['schema', 'run'])
    cli.child.stdout.destroy()
    expect((await cli.ended()).stderr).toBe('')
  })
})

describe('servers that can not be used', () => {
  const refused = async (url: string, more: NodeJS.ProcessEnv = {}) => {
    const result = await redline(['run', '--command', 'PING', '--count', '10', '--target', url, '--timeout', '1s'], {
      env: { ...process.env, ...more },
    })
    expect(result.code).toBe(2)
    expect(result.stdout).toBe('')
    expect(result.stderr).not.toMatch(/ {4}at /)
    return result.stderr
  }

  test('nobody there, a wrong name', async () => {
    expect(await refused('redis://127.0.0.1:1')).toMatch(/redis:\/\/127\.0\.0\.1:1.*refused/)
    expect(await refused('redis://no-such-host.invalid')).toContain('no-such-host.invalid')
    expect(await refused('http://127.0.0.1')).toContain('redis://')
  })

  test('a wrong password, and none where one is needed; the password is never shown', async () => {
    const locked = await startServer({ config: { requirepass: 'open-sesame' } })
    const address = locked.url.replace('redis://', '')
    const wrong = await refused(`redis://:swordfish@${address}`)
    expect(wrong).toMatch(/password/i)
    expect(wrong).not.toContain('swordfish')
    expect(await refused(locked.url)).toMatch(/password/i)
    const right = await redline(['run', '--command', 'PING', '--count', '10', '--warmup', '0s', '--target', locked.url, '--json'], {
      env: { ...process.env, REDISCLI_AUTH: 'open-sesame', ...env() },
    })
    expect(right.stdout).toContain('"redline/run@1"')
    expect(right.stdout + right.stderr).not.toContain('open-sesame')
    await locked.stop()
  })

  test('something that is not a Redis, TLS to a plain port, a full server', async () => {
    const web = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')).listen(0, '127.0.0.1')
    await once(web, 'listening')
    const address = web.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    expect(await refused(`redis://127.0.0.1:${port}`)).toMatch(/not a Redis|no Redis/i)
    web.close()
    expect(await refused(server.url.replace('redis://', 'rediss://'))).toMatch(/TLS/)
    const full = await startServer({ config: { maxclients: '1' } })
    const holder = await look(full.url)
    expect(await refused(full.url)).toMatch(/max|full/i)
    holder.close()
    await full.stop()
  })

  test('more connections than the server takes', async () => {
    const small = await startServer({ config: { maxclients: '10' } })
    const result = await redline(['run', '--command', 'PING', '--count', '100', '--connections', '50', '--target', small.url], {
      env: { ...process.env, ...env() },
    })
    expect(result.code).toBe(2)
    expect(result.stderr).toMatch(/max|full/i)
    await small.stop()
  })
})
