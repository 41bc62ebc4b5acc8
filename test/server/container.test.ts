import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { getContainerRuntimeClient } from 'testcontainers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { InputError, messageOf } from '#redline/core/errors.js'
import { acquireServer, type ServerRequest } from '#redline/server/acquire.js'
import { RUN_LABEL } from '#redline/server/docker.js'
import type { RunningServer } from '#redline/server/provider.js'
import { containerProvider } from '#redline/server/providers/container.js'
import { ask, temporaryFolder, until, world } from './world.js'

/** Why no container can be had here; undefined where one can. */
const obstacle = await start({}).then(
  (server) => server.stop(),
  (error: unknown) => messageOf(error),
)

function start(request: ServerRequest): Promise<RunningServer> {
  const context = { env: process.env, signal: new AbortController().signal, onProgress: () => undefined }
  return acquireServer(request, context, [containerProvider])
}

async function acquire(request: ServerRequest): Promise<RunningServer> {
  const server = await start(request)
  onTestFinished(() => server.stop())
  return server
}

/** The containers of redline that exist, running or not. */
async function containers() {
  const { dockerode } = (await getContainerRuntimeClient()).container
  return (await dockerode.listContainers({ all: true, filters: { label: [RUN_LABEL] } })).map(({ Id }) => dockerode.getContainer(Id))
}

function isReachable(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1000 }, () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('timeout', () => resolve(false))
    socket.once('close', () => socket.destroy())
  })
}

describe.each(obstacle === undefined ? ['a container'] : [])('%s', { timeout: 60_000 }, () => {
  test('is started from the official image, reachable from this machine only, and removed when it is stopped', async () => {
    const server = await acquire({ engine: 'valkey@8.1', config: { maxmemory: '100mb', save: '900 1' } })
    expect(server).toMatchObject({ engine: 'valkey', origin: 'container valkey/valkey:8.1', pid: undefined })
    expect(server.version).toMatch(/^8\.1\.\d+$/)
    expect(await ask(server.address, 'INFO', 'server')).toContain(`valkey_version:${server.version}`)
    expect(await ask(server.address, 'CONFIG', 'GET', 'maxmemory')).toContain('104857600')

    if (!('port' in server.address)) throw new TypeError('a server that listens on TCP was asked for')
    expect(await isReachable('127.0.0.1', server.address.port)).toBe(true)
    const outside = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
    for (const { address } of outside.filter(({ internal, family }) => !internal && family === 'IPv4')) {
      expect(await isReachable(address, server.address.port)).toBe(false)
    }

    expect(await containers()).toHaveLength(1)
    await server.stop()
    await server.stop()
    expect(await server.exited).toMatchObject({ expected: true })
    expect(await containers()).toEqual([])
  })

  test('that dies of itself is noticed, with its last words', async () => {
    const server = await acquire({})
    for (const container of await containers()) await container.kill({ signal: 'SIGTERM' })
    expect(await server.exited).toMatchObject({ expected: false, reason: 'exit code 0' })
    expect((await server.exited).log.join('\n')).toContain('bye bye')
  })

  test('that refuses its configuration says so in its own words, and is removed', async () => {
    const error = await acquire({ config: { 'maxmemory-polcy': 'x' } }).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(InputError)
    expect(messageOf(error)).toContain('refuses its configuration at maxmemory-polcy "x": Bad directive')
    expect(await containers()).toEqual([])
  })

  test('does not outlive a parent that is killed', async () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, 'bin'))
    const env = { ...process.env, PATH: join(folder, 'bin'), REDLINE_ENGINES: folder }
    const parent = spawn(process.execPath, ['test/server/holder.js', 'tcp'], {
      env,
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(createInterface({ input: parent.stdout }), 'line')
    expect(JSON.parse(String(line))).toMatchObject({ origin: 'container redis:7.0' })
    expect(await containers()).toHaveLength(1)
    process.kill(-parent.pid!, 'SIGKILL')
    await until('the container was gone', async () => (await containers()).length === 0)
  })

  test('of an image that nobody has is passed over with the reason', async () => {
    await expect(acquire({ engine: 'redis@0.1' })).rejects.toThrow(/a container: redis:0\.1 can't be pulled: \S/)
  })
})
test.each(obstacle === undefined ? [] : [obstacle])('where no container can be had, the reason is told: %s', (reason) => {
  expect(reason).toMatch(/^found no way to a redis or valkey server\n {2}a container: \S.+$/s)
})

test.each([
  ['unix:///nowhere/docker.sock', 'Docker does not answer (connect ENOENT /nowhere/docker.sock)'],
  ['tcp://127.0.0.1:9', 'Docker does not answer (connect ECONNREFUSED 127.0.0.1:9)'],
  ['ssh://elsewhere', 'Docker does not answer (DOCKER_HOST names no socket)'],
])('a Docker at %s is not waited for', async (DOCKER_HOST, reason) => {
  const context = world({ DOCKER_HOST })
  await expect(acquireServer({}, context, [containerProvider])).rejects.toThrow(`a container: ${reason}`)
  expect(context.said.at(-1)).toBe(`step: a container: ${reason}`)
})

test('a container is not asked for a unix socket', async () => {
  await expect(acquireServer({ listen: 'unix' }, world(), [containerProvider])).rejects.toThrow(
    'a container shares no unix socket with its host',
  )
})
