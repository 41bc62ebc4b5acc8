import { existsSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { messageOf } from '#redline/core/errors.js'
import { acquireServer, PROVIDERS } from '#redline/server/acquire.js'
import type { Provider, RunningServer } from '#redline/server/provider.js'
import { containerProvider } from '#redline/server/providers/container.js'
import { ask, isAlive, until } from './world.js'

/** Everything that these tests need is on disk at once, so that a kill finds it there. */
const DURABLE = { appendonly: 'yes', appendfsync: 'always' }

function start(providers: readonly Provider[], config: Record<string, string> = {}): Promise<RunningServer> {
  return acquireServer({ config }, { env: process.env, signal: new AbortController().signal, onProgress: () => undefined }, providers)
}

const local = PROVIDERS.filter((provider) => provider !== containerProvider)

/** Why no container can be had here; undefined where one can. */
const obstacle = await start([containerProvider]).then(
  (server) => server.stop(),
  (error: unknown) => messageOf(error),
)

const kinds = [
  { kind: 'a process', providers: local },
  ...(obstacle === undefined ? [{ kind: 'a container', providers: [containerProvider] }] : []),
]

describe.each(kinds)('a server that is $kind', { timeout: 60_000 }, ({ providers }) => {
  const started = async (config: Record<string, string> = {}) => {
    const server = await start(providers, config)
    onTestFinished(() => server.stop())
    return server
  }

  test('answers nothing while it is paused, and everything afterwards', async () => {
    const server = await started()
    await server.pause()
    expect(server.condition).toBe('paused')
    const answer = ask(server.address, 'PING')
    expect(await Promise.race([answer, sleep(300, 'nothing')])).toBe('nothing')
    await server.resume()
    expect(await answer).toBe('+PONG\r\n')
    expect(server.condition).toBe('running')
  })

  test('is gone when it was killed, and comes back at its address with what it had persisted', async () => {
    const server = await started(DURABLE)
    await ask(server.address, 'SET', 'kept', 'yes')
    await server.kill()
    expect(await isReachable(server)).toBe(false)
    await server.restart()
    expect(await ask(server.address, 'GET', 'kept')).toContain('yes')
  })

  test('that persists nothing has lost all of it, also when it was paused before', async () => {
    const server = await started()
    await ask(server.address, 'SET', 'lost', 'yes')
    await server.pause()
    await server.kill()
    await server.restart()
    expect(await ask(server.address, 'DBSIZE')).toBe(':0\r\n')
  })

  test('can be killed and started many times, and its end is noticed even then', async () => {
    const server = await started()
    for (let i = 0; i < 3; i++) {
      await server.kill()
      await server.restart()
    }
    void ask(server.address, 'SHUTDOWN', 'NOSAVE').catch(() => undefined)
    expect(await server.exited).toMatchObject({ expected: false, reason: 'exit code 0' })
  })

  test('that was killed or paused is removed when it is stopped', async () => {
    for (const hurt of ['kill', 'pause'] as const) {
      const server = await start(providers)
      await server[hurt]()
      await server.stop()
      expect(await server.exited).toMatchObject({ expected: true })
      expect(await isReachable(server)).toBe(false)
    }
  })

  test('says what it is when something else is asked of it', async () => {
    const server = await started()
    await expect(server.resume()).rejects.toThrow(`the server at ${server.url} is running, not paused`)
    await expect(server.restart()).rejects.toThrow('is running, not killed')
    await server.kill()
    await expect(server.pause()).rejects.toThrow('is killed, not running')
    await expect(server.kill()).rejects.toThrow('is killed, not running or paused')
  })
})

test('a paused process is one that has really stopped, and after a restart the process is another', async () => {
  const server = await start(local)
  onTestFinished(() => server.stop())
  const before = server.pid!
  await server.pause()
  expect(readFileSync(`/proc/${before}/stat`, 'latin1')).toMatch(/\) T /)
  await server.kill()
  expect(isAlive(before)).toBe(false)
  await server.restart()
  expect(server.pid).not.toBe(before)
  expect(isAlive(server.pid!)).toBe(true)
  await server.stop()
  await until('it was gone', () => !isAlive(server.pid!))
})

test('a killed server keeps its folder until it is stopped', async () => {
  const server = await acquireServer(
    { listen: 'unix' },
    { env: process.env, signal: new AbortController().signal, onProgress: () => undefined },
    local,
  )
  if (!('path' in server.address)) throw new TypeError('a server with a unix socket was asked for')
  const folder = server.address.path.replace(/\/[^/]+$/, '')
  await server.kill()
  expect(existsSync(folder)).toBe(true)
  await server.stop()
  expect(existsSync(folder)).toBe(false)
})

function isReachable({ address }: RunningServer): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(address)
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('close', () => socket.destroy())
    socket.setTimeout(1000, () => resolve(false))
  })
}
