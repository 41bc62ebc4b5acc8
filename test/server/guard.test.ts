import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { acquireServer } from '#redline/server/acquire.js'
import { Guarded } from '#redline/server/guard.js'
import { pathProvider } from '#redline/server/providers/path.js'
import { ask, isAlive, realServer, script, temporaryFolder, until, world } from './world.js'

interface Held {
  parent: ChildProcess
  /** Of the server. */
  pid: number
  path: string
}

/** A process, in a group of its own, that holds a server from the PATH that is given. */
async function hold(): Promise<Held> {
  const bin = temporaryFolder()
  script(join(bin, 'redis-server'), await realServer())
  const env = { ...process.env, PATH: `${bin}:${process.env['PATH']}`, TMPDIR: bin }
  const parent = spawn(process.execPath, ['test/server/holder.js', 'unix'], { env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [line] = await once(createInterface({ input: parent.stdout }), 'line')
  const { pid, address } = JSON.parse(String(line))
  return { parent, pid, path: address.path }
}

/** Everything of a server is gone: its process, its guard and its folder. */
async function expectNothingLeft({ pid, path }: Held, guard: number): Promise<void> {
  await until('the server was gone', () => !isAlive(pid))
  await until('its folder was gone', () => !existsSync(dirname(path)))
  await until('its guard was gone', () => !isAlive(guard))
}

function parentOf(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }))
}

describe('a server', () => {
  test('does not outlive a parent that is killed', async () => {
    const held = await hold()
    const guard = parentOf(held.pid)
    expect(await ask(held, 'PING')).toBe('+PONG\r\n')
    expect(isAlive(guard)).toBe(true)
    held.parent.kill('SIGKILL')
    await expectNothingLeft(held, guard)
  })

  test('does not outlive a process group that is killed', async () => {
    const held = await hold()
    const guard = parentOf(held.pid)
    expect(isAlive(guard)).toBe(true)
    process.kill(-held.parent.pid!, 'SIGKILL')
    await expectNothingLeft(held, guard)
  })

  test('takes its children along', async () => {
    const held = await hold()
    const guard = parentOf(held.pid)
    // The child that saves sleeps 0.1 s for each key.
    await ask(held, 'CONFIG', 'SET', 'rdb-key-save-delay', '100000')
    await ask(held, 'EVAL', "for i = 1, 1000 do redis.call('SET', i, i) end", '0')
    expect(await ask(held, 'BGSAVE')).toContain('Background saving started')
    const child = await childOf(held.pid)
    held.parent.kill('SIGKILL')
    await expectNothingLeft(held, guard)
    await until('the child that saved was gone', () => !isAlive(child))
  })

  test('is not reached by Ctrl-C in the terminal of its parent', async () => {
    const held = await hold()
    process.kill(-held.parent.pid!, 'SIGINT')
    await sleep(100)
    expect(await ask(held, 'PING')).toBe('+PONG\r\n')
    expect(isAlive(held.parent.pid!)).toBe(true)
  })

  test('that dies of itself is noticed, with its last words', async () => {
    const server = await start()
    process.kill(server.pid!, 'SIGKILL')
    expect(await server.exited).toEqual({ expected: false, reason: 'killed by signal 9', log: expect.any(Array) })
    expect((await server.exited).log.join('\n')).toMatch(/ready to accept connections/i)
    await server.stop()
    expect(existsSync(folderOf(server))).toBe(false)
  })

  test('whose guard is killed ends too', async () => {
    const server = await start()
    process.kill(parentOf(server.pid!), 'SIGKILL')
    expect(await server.exited).toMatchObject({ expected: false, reason: 'killed together with its guard' })
    expect(isAlive(server.pid!)).toBe(false)
    await server.stop()
    expect(existsSync(folderOf(server))).toBe(false)
  })
})

test('a program that is not there is told from one that runs', async () => {
  const folder = temporaryFolder()
  const absent = new Guarded([join(folder, 'nothing')], join(folder, 'private'), process.env)
  expect(await absent.exited).toMatchObject({ expected: false, reason: 'exit code 127' })
  expect(absent.log.join()).toContain('not found')
  expect(readdirSync(folder)).toEqual([])
})

test('a folder that exists is nobody else’s to take and remove', async () => {
  const folder = temporaryFolder()
  const guarded = new Guarded(['sleep', '1000'], folder, process.env)
  await expect(guarded.pid).rejects.toThrow('it ended at once')
  expect(existsSync(folder)).toBe(true)
})

async function start() {
  const context = world({ PATH: temporaryFolder() })
  script(join(context.env['PATH']!, 'redis-server'), await realServer())
  const server = await acquireServer({ listen: 'unix' }, context, [pathProvider])
  onTestFinished(() => server.stop())
  return server
}

function folderOf(server: Awaited<ReturnType<typeof start>>): string {
  if (!('path' in server.address)) throw new TypeError('a server with a unix socket was asked for')
  return dirname(server.address.path)
}

async function childOf(pid: number): Promise<number> {
  let child = 0
  await until('it had a child', () => {
    const list = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
    child = Number(list.map((line) => line.trim().split(/\s+/)).find(([, parent]) => Number(parent) === pid)?.[0] ?? 0)
    return child > 0
  })
  return child
}
