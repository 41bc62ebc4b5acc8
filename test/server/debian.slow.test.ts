import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { InterruptedError } from '#redline/core/errors.js'
import { acquireServer, type ServerRequest } from '#redline/server/acquire.js'
import { parseOsRelease } from '#redline/server/apt-sources.js'
import { PrivateApt } from '#redline/server/apt.js'
import type { RunningServer, ServerContext } from '#redline/server/provider.js'
import { debianProvider } from '#redline/server/providers/debian.js'
import { ask, temporaryFolder, world } from './world.js'

const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

async function acquire(request: ServerRequest, context: ServerContext): Promise<RunningServer> {
  const server = await acquireServer(request, context, [debianProvider])
  onTestFinished(() => server.stop())
  return server
}

function emptyCache(signal?: AbortSignal) {
  const context = world({ PATH: SYSTEM_PATH }, signal)
  return { ...context, cache: context.env['REDLINE_ENGINES']! }
}

/** Set on a system that the provider is for. */
const distribution = existsSync('/usr/bin/apt-get') ? parseOsRelease(readFileSync('/etc/os-release', 'utf8')) : undefined

describe.each(distribution ? [distribution] : [])('a package of $family', ({ family }) => {
  test('two processes that unpack at once get the same engine, whole, and leave nothing else', { timeout: 90_000 }, async () => {
    const context = emptyCache()
    const [abandoned, underWay] = [join(context.cache, 'redis.part-abandoned'), join(context.cache, 'redis.part-underway')]
    for (const folder of [abandoned, underWay]) mkdirSync(folder, { recursive: true })
    utimesSync(abandoned, 0, 0)

    const servers = await Promise.all([acquire({}, context), acquire({ listen: 'unix' }, context)])
    for (const server of servers) {
      expect(server.engine).toBe('redis')
      expect(server.origin).toBe(`redis ${server.version}, unpacked for this run`)
      expect(await ask(server.address, 'INFO', 'server')).toContain(`redis_version:${server.version}`)
    }
    const generation = servers[0].version.split('.', 2).join('.')
    expect(readdirSync(context.cache).toSorted()).toEqual(['redis.part-underway', `redis@${generation}`])
    expect(context.said.join('\n')).toMatch(new RegExp(`step: downloading redis [\\d.]+ with its libraries from ${family} [a-z]+`, 'i'))
  })

  test('an interrupted download leaves nothing', { timeout: 60_000 }, async () => {
    const interruption = new AbortController()
    const context = emptyCache(interruption.signal)
    const onProgress: ServerContext['onProgress'] = (event) => {
      if (event.kind === 'step' && event.message.startsWith('downloading')) setTimeout(() => interruption.abort(), 20)
    }
    await expect(acquire({}, { ...context, onProgress })).rejects.toBeInstanceOf(InterruptedError)
    expect(readdirSync(context.cache)).toEqual([])
  })

  test('a generation that the distribution does not have is told from what it has', { timeout: 60_000 }, async () => {
    const context = emptyCache()
    await expect(acquire({ engine: 'redis@9.9' }, context)).rejects.toThrow(
      new RegExp(`${family} [a-z]+ has redis [\\d.]+, not redis@9.9`, 'i'),
    )
    expect(readdirSync(context.cache)).toEqual([])
  })

  test('an archive that does not answer is reported in the words of apt', { timeout: 60_000 }, async () => {
    const archive = { distribution: { family, codename: 'bookworm' }, uri: 'http://127.0.0.1:9/debian', suite: 'bookworm' }
    const env = { ...process.env, no_proxy: '127.0.0.1' }
    const apt = await PrivateApt.create(join(temporaryFolder(), 'apt'), archive, env, new AbortController().signal)
    await expect(apt.update()).rejects.toThrow(/^apt-get update failed: .*127\.0\.0\.1/)
  })
})

test('elsewhere it says that there is no apt', async () => {
  const context = world()
  await expect(acquire({}, context)).rejects.toThrow(
    "the distribution's package, unpacked without installing it: this system has no apt-get",
  )
  expect(context.said.at(-1)).toMatch(/^step: /)
})
