import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { InputError, InterruptedError, RedlineError } from '#redline/core/errors.js'
import { acquireServer, PROVIDERS, type ServerRequest } from '#redline/server/acquire.js'
import { type Provider, type RunningServer, type ServerContext, Unavailable } from '#redline/server/provider.js'
import { cacheProvider } from '#redline/server/providers/cache.js'
import { commandProvider, type EngineCommands } from '#redline/server/providers/command.js'
import { pathProvider } from '#redline/server/providers/path.js'
import { availableEngines, startServer } from '../support/servers.js'
import { ask, isAlive, realServer, script, until, world } from './world.js'

let real: string
beforeAll(async () => {
  real = await realServer()
})

/** A world with these programs on its PATH. */
function worldWith(programs: Record<string, string>, signal?: AbortSignal) {
  const context = world({}, signal)
  // A script needs the tools of a system, but not what is installed beside them.
  mkdirSync(join(context.folder, 'bin'))
  for (const [name, body] of Object.entries(programs)) script(join(context.folder, 'bin', name), `PATH=/usr/bin:/bin\n${body}`)
  return context
}

/** Gets a server that is stopped when the test is over. */
async function acquire(request: ServerRequest, context: ServerContext, ...providers: Provider[]): Promise<RunningServer> {
  const server = await acquireServer(request, context, providers)
  onTestFinished(() => server.stop())
  return server
}

describe('a server on PATH', () => {
  test('is started on a free port of loopback, and leaves nothing when it is stopped', async () => {
    const context = worldWith({ 'redis-server': real })
    const server = await acquire({}, context, pathProvider)
    expect(server.origin).toBe('redis-server on PATH')
    expect(server.address).toEqual({ host: '127.0.0.1', port: expect.any(Number) })
    expect(await ask(server.address, 'INFO', 'server')).toContain(`_version:${server.version}`)
    expect(context.said).toEqual([
      'step: looking for redis-server or valkey-server on PATH',
      `step: started ${server.engine} ${server.version} at ${server.url} (redis-server on PATH)`,
    ])

    await server.stop()
    await server.stop()
    expect(await server.exited).toMatchObject({ expected: true, reason: 'stopped' })
    expect(isAlive(server.pid!)).toBe(false)
    expect(readdirSync(context.folder)).toEqual(['bin'])
  })

  test('listens on a unix socket alone when asked to', async () => {
    const server = await acquire({ listen: 'unix' }, worldWith({ 'redis-server': real }), pathProvider)
    expect(server.address).toEqual({ path: expect.stringMatching(/\.sock$/) })
    expect(await ask(server.address, 'CONFIG', 'GET', 'port')).toContain('\r\n0\r\n')
  })

  test('keeps nothing on disk unless it is asked to, and then only until it is stopped', async () => {
    const context = worldWith({ 'redis-server': real })
    const quiet = await acquire({ listen: 'unix' }, context, pathProvider)
    expect(await ask(quiet.address, 'CONFIG', 'GET', 'save')).toBe('*2\r\n$4\r\nsave\r\n$0\r\n\r\n')
    expect(folderOf(quiet)).toHaveLength(1)
    await quiet.stop()
    const durable = await acquire({ listen: 'unix', config: { appendonly: 'yes', save: '900 1' } }, context, pathProvider)
    expect(await ask(durable.address, 'CONFIG', 'GET', 'save')).toContain('900 1')
    expect(folderOf(durable).length).toBeGreaterThan(1)
    await durable.stop()
    expect(readdirSync(context.folder)).toEqual(['bin'])
  })

  test('is what it says it is, and not what it is called', async () => {
    const context = worldWith({ 'redis-server': '[ "$1" = --version ] && echo "Valkey server v=8.1.1 sha=0" && exit\nexit 1' })
    await expect(acquire({ engine: 'redis' }, context, pathProvider)).rejects.toThrow('redis-server on PATH is valkey 8.1.1, not redis')
  })

  test('that does not run is passed over with what it said', async () => {
    const context = worldWith({ 'redis-server': 'echo "cannot open libjemalloc.so.2" >&2; exit 127' })
    await expect(acquire({}, context, pathProvider)).rejects.toThrow('redis-server does not run: cannot open libjemalloc.so.2')
    expect(context.said.at(-1)).toMatch(/^warning: /)
  })

  test('that ends at once is passed over with what it said', async () => {
    const version = '[ "$1" = --version ] && echo "Redis server v=7.0.15 sha=0" && exit'
    const context = worldWith({ 'redis-server': `${version}\necho "Illegal instruction" >&2; exit 132` })
    await expect(acquire({}, context, pathProvider)).rejects.toThrow('it ended at once (killed by signal 4): Illegal instruction')
    expect(readdirSync(context.folder)).toEqual(['bin'])
  })

  test('gets another port when the first was taken meanwhile', async () => {
    const taken = '[ "$1" = --version ] || [ -e "$HOME/second" ] || { touch "$HOME/second"; echo "bind: Address already in use"; exit 1; }'
    const context = worldWith({ 'redis-server': `${taken}\n${real}` })
    const server = await acquire({}, context, pathProvider)
    expect(existsSync(join(context.folder, 'second'))).toBe(true)
    expect(await ask(server.address, 'PING')).toBe('+PONG\r\n')
  })

  test('that refuses its configuration ends the search with its own words', async () => {
    const context = worldWith({ 'redis-server': real })
    const attempt = acquire({ config: { 'maxmemory-polcy': 'allkeys-lru' } }, context, pathProvider, failing('a container', 'not reached'))
    const error = await attempt.catch((error: unknown) => error)
    expect(error).toBeInstanceOf(InputError)
    expect(String(error)).toMatch(/refuses its configuration at maxmemory-polcy "allkeys-lru": Bad directive or wrong number of arguments/)
    expect(readdirSync(context.folder)).toEqual(['bin'])
  })

  test('takes a password, which appears nowhere', async () => {
    const context = worldWith({ 'redis-server': real })
    const server = await acquire({ config: { requirepass: 'SECRET' } }, context, pathProvider)
    expect(await ask(server.address, 'PING')).toContain('NOAUTH')
    expect(await ask(server.address, 'AUTH', 'SECRET')).toBe('+OK\r\n')
    expect(JSON.stringify([context.said, server])).not.toContain('SECRET')
  })
})

describe('an unpacked engine', () => {
  test('is run from the cache, through its own loader and with its own libraries', async () => {
    const context = world()
    const root = join(context.folder, 'engines', 'redis@7.0')
    mkdirSync(join(root, 'usr/lib/x86_64-linux-gnu'), { recursive: true })
    // The loader of the package is a link that is absolute on the system it is for.
    symlinkSync('/usr/lib/x86_64-linux-gnu/ld-2.31.so', join(root, 'usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2'))
    const version = 'case "$*" in *--version) echo "Redis server v=7.0.99 sha=0"; exit;; esac'
    script(join(root, 'usr/lib/x86_64-linux-gnu/ld-2.31.so'), `${version}\necho "$*" >"$HOME/arguments"\nshift 3\n${real}`)

    const server = await acquire({ engine: 'redis@7.0' }, context, cacheProvider)
    expect(server.origin).toBe('redis 7.0.99, unpacked earlier')
    expect(await ask(server.address, 'PING')).toBe('+PONG\r\n')
    expect(readFileSync(join(context.folder, 'arguments'), 'utf8')).toContain(
      `--library-path ${root}/usr/lib/x86_64-linux-gnu ${root}/usr/bin/redis-server --bind 127.0.0.1`,
    )
  })

  test('that is not what its folder says is not taken for it', async () => {
    const context = world()
    const lib = join(context.folder, 'engines/redis@6.0/lib64')
    mkdirSync(lib, { recursive: true })
    script(join(lib, 'ld-linux-x86-64.so.2'), 'echo "Redis server v=7.0.15 sha=0"')
    await expect(acquire({ engine: 'redis@6.0' }, context, cacheProvider)).rejects.toThrow(/engines\/redis@6.0 holds redis 7.0.15/)
  })

  test.each(availableEngines())('finds the Lua libraries that belong to %s', async (engine) => {
    const server = await startServer({ engine })
    onTestFinished(() => server.stop())
    expect(await ask(server, 'EVAL', 'return cjson.encode({bit.bor(1, 2)})', '0')).toBe('$3\r\n[3]\r\n')
  })

  test('that lost its loader says so', async () => {
    const context = world()
    mkdirSync(join(context.folder, 'engines/redis@7.0/usr/bin'), { recursive: true })
    await expect(acquire({}, context, cacheProvider)).rejects.toThrow(
      /redis@7.0 holds no loader; remove .*engines\/redis@7.0 and try again/,
    )
  })

  test('of another generation than asked for is left alone', async () => {
    const context = world()
    mkdirSync(join(context.folder, 'engines/redis@7.0'), { recursive: true })
    await expect(acquire({ engine: 'redis@6.0' }, context, cacheProvider)).rejects.toThrow('no redis@6.0 in')
  })
})

describe('getting a server', () => {
  test('falls through every way, and says why each did not work', async () => {
    const context = world()
    const error = await acquireServer({ engine: 'valkey@8.1' }, context).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(RedlineError)
    if (!(error instanceof RedlineError)) return
    expect(error.message.replaceAll(context.folder, '~').split('\n')).toEqual([
      'found no way to a valkey@8.1 server',
      '  redis-server or valkey-server on PATH: none is there',
      '  an engine unpacked by an earlier run: no valkey@8.1 in ~/engines',
      '  a container: Docker does not answer (connect ENOENT ~/docker.sock)',
      "  the distribution's package, unpacked without installing it: this system has no apt-get",
    ])
    for (const line of [
      'brew install valkey',
      'dnf install valkey',
      'apt-get install valkey-server',
      'apk add valkey',
      'wsl',
      '--target redis://',
    ]) {
      expect(error.hint).toContain(line)
    }
    const steps = context.said.filter((line) => line.startsWith('step: looking for '))
    expect(steps.map((line) => line.replace('step: looking for ', ''))).toEqual(PROVIDERS.map((provider) => provider.title))
  })

  test('takes the first way that works', async () => {
    const context = worldWith({ 'redis-server': real })
    const server = await acquire({}, context, failing('the first', 'broken'), pathProvider, failing('the last', 'not reached'))
    expect(server.origin).toBe('redis-server on PATH')
    expect(context.said).toContain('warning: the first: broken')
    expect(context.said.join()).not.toContain('the last')
  })

  test('what is merely absent is no warning', async () => {
    const context = world()
    const absent: Provider = { title: 'a wish', start: () => Promise.reject(new Unavailable('none is there')) }
    await expect(acquire({}, context, absent)).rejects.toThrow('a wish: none is there')
    expect(context.said).toEqual(['step: looking for a wish', 'step: a wish: none is there'])
  })

  test.each([{ engine: 'memcached' }, { config: { port: '1' } }])('does not begin with a wrong request: %j', async (request) => {
    const context = world()
    await expect(acquireServer(request, context)).rejects.toBeInstanceOf(InputError)
    expect(context.said).toEqual([])
  })

  test('stops at once when it is aborted, and takes along what it has started', async () => {
    const interruption = new AbortController()
    const version = '[ "$1" = --version ] && echo "Redis server v=7.0.15 sha=0" && exit'
    const programs = { 'redis-server': `${version}\necho $$ >"$HOME/pid"\nexec sleep 1000` }
    const context = worldWith(programs, interruption.signal)
    const started = acquire({}, context, pathProvider, failing('a container', 'not reached'))
    const pid = () => Number(readFileSync(join(context.folder, 'pid'), 'utf8'))
    await until('the silent server was started', () => existsSync(join(context.folder, 'pid')) && pid() > 0)
    interruption.abort()
    await expect(started).rejects.toBeInstanceOf(InterruptedError)
    expect(isAlive(pid())).toBe(false)
    expect(readdirSync(context.folder)).toEqual(['bin', 'pid'])
    expect(context.said.join()).not.toContain('a container')
  })
})

function failing(title: string, reason: string): Provider {
  return { title, start: () => Promise.reject(new Error(reason)) }
}

/** What lies in the private folder of a server. */
function folderOf(server: RunningServer): string[] {
  if (!('path' in server.address)) throw new TypeError('a server with a unix socket was asked for')
  return readdirSync(dirname(server.address.path))
}

describe('a server by the command that is given for its engine', () => {
  const providers = (commands: EngineCommands) => [commandProvider(commands), pathProvider]

  test('is started with the options of the command, before every other way', async () => {
    const context = worldWith({ 'redis-server': real })
    const program = join(context.folder, 'bin', 'redis-server')
    const { engine, version } = await acquire({}, context, pathProvider)
    const name = `${engine}@${version.split('.', 2).join('.')}`
    for (const command of [`"${program}" --maxmemory 50mb`, [program, '--maxmemory', '50mb']]) {
      const server = await acquire({ engine: name }, context, ...providers({ [name]: command }))
      expect(server.origin).toBe(`${engine} ${version}, by redline.config.yaml`)
      expect(await ask(server.address, 'CONFIG', 'GET', 'maxmemory')).toContain('52428800')
    }
    const any = await acquire({ engine }, context, ...providers({ [name]: program }))
    expect(any.origin).toContain('by redline.config.yaml')
  })

  test('is not asked for where another engine is wanted, and says why where it is something else', async () => {
    const context = worldWith({ 'redis-server': real })
    const program = join(context.folder, 'bin', 'redis-server')
    const plain = await acquire({}, context, ...providers({ 'redis@5.0': program }))
    expect(plain.origin).toBe('redis-server on PATH')
    const wrong = await acquireServer({ engine: 'redis@5.0' }, context, [commandProvider({ 'redis@5.0': program })]).catch(
      (error: unknown) => error,
    )
    expect(String(wrong)).toMatch(/engines of redline.config.yaml: ".*redis-server" is (redis|valkey) \d/)
    const absent = await acquireServer({ engine: 'redis@5.0' }, context, [commandProvider({ 'redis@5.0': '/nowhere/redis-server' })]).catch(
      (error: unknown) => error,
    )
    expect(String(absent)).toContain('engines of redline.config.yaml: /nowhere/redis-server does not run')
  })
})
